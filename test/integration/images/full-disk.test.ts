import { randomBytes } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { connectContainerd } from '@berth/guest-agent/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startImageEngine, type EngineClient, type ImageEngine } from './image-engine.ts';
import { buildImage, ociArchive, type TestImage } from './oci-image.ts';
import { startTestRegistry, type TestRegistry } from './registry.ts';

const mebibyte = 1024 * 1024;
const stack = new AsyncDisposableStack();
let engine: ImageEngine;
let client: EngineClient;
let registry: TestRegistry;
let tooBig: TestImage;
let bomb: TestImage;
let freeAtFirst: number;

beforeAll(async () => {
  engine = stack.use(await startImageEngine({}, { diskMiB: 64 }));
  client = engine.client;
  registry = stack.use(await startTestRegistry());
  tooBig = await buildImage({ layers: [{ a: randomBytes(20 * mebibyte) }, { b: randomBytes(60 * mebibyte) }] });
  bomb = await buildImage({ layers: [{ zeros: Buffer.alloc(200 * mebibyte) }] });
  registry.put('big', '1', tooBig);
  registry.put('bomb', '1', bomb);
  freeAtFirst = await freeMiB();
});
afterAll(() => stack.disposeAsync());

async function freeMiB(): Promise<number> {
  const { bavail, bsize } = await statfs(path.join(path.dirname(engine.containerdAddress), 'root'));
  return Math.round((bavail * bsize) / mebibyte);
}

async function nothingLeft(): Promise<void> {
  await using containerd = connectContainerd({ address: engine.containerdAddress, namespace: 'moby' });
  await vi.waitFor(
    async () => {
      expect(await containerd.leases.list()).toEqual([]);
      expect(await containerd.content.uploads()).toEqual([]);
      expect(await freeMiB()).toBeGreaterThanOrEqual(freeAtFirst - 1);
    },
    { timeout: 20_000, interval: 100 },
  );
}

const lastOf = ({ body }: { body: unknown }) => JSON.stringify(Array.isArray(body) ? body.at(-1) : body);
const pull = (name: string) =>
  client.call(`/images/create?fromImage=${registry.host}/${name}&tag=1`, { method: 'POST' });

it.each(['big', 'bomb'])('a pull (%s) that fills the disk says so once and gives the disk back', async (name) => {
  expect(lastOf(await pull(name))).toContain('no space left on device');
  expect((await client.call('/images/json?all=1')).body).toEqual([]);
  await nothingLeft();
});

it('a load that fills the disk says so and gives the disk back', async () => {
  const body = await ociArchive([{ name: 'library/big:1', image: tooBig }]);
  expect(lastOf(await client.call('/images/load', { method: 'POST', body }))).toContain('no space left on device');
  expect((await client.call('/images/json?all=1')).body).toEqual([]);
  await nothingLeft();
});

it('what fits is pulled afterwards', async () => {
  registry.put('small', '1', await buildImage({ layers: [{ a: randomBytes(mebibyte) }] }));
  expect(lastOf(await pull('small'))).toContain('Downloaded newer image');
});
