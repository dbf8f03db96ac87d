import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { connectContainerd, type Containerd } from '@berth/guest-agent/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startImageEngine, type EngineClient, type ImageEngine } from './image-engine.ts';
import { buildImage, ociArchive, tarOf, type TestImage } from './oci-image.ts';
import { startTestRegistry, type TestRegistry } from './registry.ts';

const stack = new AsyncDisposableStack();
let engine: ImageEngine;
let client: EngineClient;
let containerd: Containerd;
let registry: TestRegistry;
let image: TestImage;
let big: string;

beforeAll(async () => {
  engine = stack.use(await startImageEngine());
  client = engine.client;
  containerd = stack.use(connectContainerd({ address: engine.containerdAddress, namespace: 'moby' }));
});
afterAll(() => stack.disposeAsync());
beforeEach(async (context) => {
  registry = await startTestRegistry();
  context.onTestFinished(() => registry[Symbol.asyncDispose]());
  image = await buildImage({ layers: [{ a: randomBytes(1000) }, { b: randomBytes(2_000_000) }] });
  big = [...image.blobs.keys()][1] as string;
  registry.put('x', '1', image);
});

const failing = (call: Promise<unknown>) => call.catch((error: unknown) => error as Error);
const pull = () => client.call(`/images/create?fromImage=${registry.host}/x&tag=1`, { method: 'POST' });
const uploads = async () => (await containerd.content.uploads()).map(({ offset }) => offset);
const imageNames = async () => ((await client.call('/images/json?all=1')).body as object[]).length;
/** Waits for the collection that the next start asks for. */
const nothingLeft = () =>
  vi.waitFor(async () => expect(await holdings()).toEqual(nothing), { timeout: 20_000, interval: 100 });
const nothing = { images: 0, leases: 0, blobs: 0, uploads: 0, snapshots: 0 };

async function holdings(): Promise<typeof nothing> {
  return {
    images: await imageNames(),
    leases: (await containerd.leases.list()).length,
    blobs: await count(containerd.content.list()),
    uploads: (await uploads()).length,
    snapshots: await count(containerd.snapshots.list()),
  };
}

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let found = 0;
  for await (const _ of items) found++;
  return found;
}

/** The first bytes of the big layer, and then nothing more. */
function stall(bytes: number): () => boolean {
  let isStalled = false;
  registry.interfere = (request, response) => {
    if (request.method !== 'GET' || !request.url?.includes(big)) return false;
    const content = registry.blobs.get(big) as Buffer;
    response.writeHead(200, { 'Content-Length': content.length });
    response.write(content.subarray(0, bytes), () => (isStalled = true));
    return true;
  };
  return () => isStalled;
}

it('a pull that was killed shows no image, and the next one goes on where it broke off', async () => {
  stall(1_500_000);
  const pulling = failing(pull());
  await vi.waitFor(async () => expect(Math.max(0, ...(await uploads()))).toBeGreaterThan(500_000), { timeout: 10_000 });
  await engine.crash();
  expect(await pulling).toBeInstanceOf(Error);
  expect(await imageNames()).toBe(0);
  const ranges: Array<string | undefined> = [];
  registry.interfere = (request) => {
    if (request.url?.includes(big)) ranges.push(request.headers.range);
    return false;
  };
  await pull();
  expect(ranges).toEqual([expect.stringMatching(/^bytes=\d{6,}-$/)]);
  expect(await imageNames()).toBe(1);
  await client.call(`/images/${registry.host}/x:1`, { method: 'DELETE' });
  await client.call('/images/prune', { method: 'POST' });
  await nothingLeft();
});

it('a pull that was killed and never taken up is given up by a prune', async () => {
  stall(1_500_000);
  const pulling = failing(pull());
  await vi.waitFor(async () => expect(Math.max(0, ...(await uploads()))).toBeGreaterThan(500_000), { timeout: 10_000 });
  await engine.crash();
  await pulling;
  await client.call('/images/prune', { method: 'POST' });
  await nothingLeft();
});

const halves: Array<[string, string, () => Promise<Buffer>]> = [
  ['load', '/images/load', () => ociArchive([{ name: 'library/x:1', image }])],
  ['import', '/images/create?fromSrc=-&repo=x&tag=1', () => tarOf({ a: randomBytes(3_000_000) })],
];

it.each(halves)('half of a %s, and what it had stored, are gone after a kill', async (_, target, bytes) => {
  const body = new PassThrough();
  const all = await bytes();
  body.write(all.subarray(0, all.length - 200_000));
  const call = failing(client.call(target, { method: 'POST', body }));
  await vi.waitFor(async () => expect(Math.max(0, ...(await uploads()))).toBeGreaterThan(500_000), { timeout: 10_000 });
  await engine.crash();
  await call;
  await nothingLeft();
});

it('a push that was killed leaves the image as it was, and no lease', async () => {
  const archive = await ociArchive([{ name: 'library/x:1', image }]);
  await client.call('/images/load', { method: 'POST', body: archive });
  await client.call(`/images/x:1/tag?repo=${registry.host}/pushed&tag=1`, { method: 'POST' });
  let isStarted = false;
  registry.interfere = (request, response) => {
    if (request.method === 'POST') response.writeHead(202, { Location: '/upload' }).end();
    else if (request.method === 'HEAD') response.writeHead(404).end();
    else isStarted = true;
    return true;
  };
  const pushing = failing(client.call(`/images/${registry.host}/pushed/push?tag=1`, { method: 'POST' }));
  await vi.waitFor(() => expect(isStarted).toBe(true), { timeout: 10_000 });
  await engine.crash();
  await pushing;
  await vi.waitFor(async () => expect((await holdings()).leases).toBe(0), { timeout: 10_000 });
  expect((await client.call('/images/x:1/json')).body).toMatchObject({ Id: image.descriptor.digest });
  const saved = await client.bytes('/images/get?names=x:1');
  await client.call(`/images/${registry.host}/pushed:1`, { method: 'DELETE' });
  await client.call('/images/x:1', { method: 'DELETE' });
  await nothingLeft();
  expect((await client.call('/images/load', { method: 'POST', body: saved })).body).toEqual([
    { stream: 'Loaded image: x:1\n' },
  ]);
  await client.call('/images/x:1', { method: 'DELETE' });
  await nothingLeft();
});

describe('containerd killed in the middle of', () => {
  it('a pull: it goes on, or says so and the next one works', async () => {
    stall(1_500_000);
    const pulling = failing(pull());
    await vi.waitFor(async () => expect(Math.max(0, ...(await uploads()))).toBeGreaterThan(500_000), {
      timeout: 10_000,
    });
    registry.interfere = () => false;
    await engine.crashContainerd();
    registry.closeConnections();
    await pulling;
    await pull();
    expect((await client.call(`/images/${registry.host}/x:1/json`)).body).toMatchObject({
      Id: image.descriptor.digest,
    });
    await client.call(`/images/${registry.host}/x:1`, { method: 'DELETE' });
    await client.call('/images/prune', { method: 'POST' });
    await nothingLeft();
  });

  it.each(halves)('a %s: it says so, and leaves nothing', async (_, target, bytes) => {
    const body = new PassThrough();
    const all = await bytes();
    body.write(all.subarray(0, all.length - 200_000));
    const call = failing(client.call(target, { method: 'POST', body }));
    await vi.waitFor(async () => expect(Math.max(0, ...(await uploads()))).toBeGreaterThan(500_000), {
      timeout: 10_000,
    });
    await engine.crashContainerd();
    body.end(all.subarray(all.length - 200_000));
    const answer = await call;
    expect(JSON.stringify(answer)).toMatch(/containerd|UNAVAILABLE|unavailable|reset|dropped|closed/i);
    expect(await imageNames()).toBe(0);
    await nothingLeft();
  });

  it('a push: it goes through or says so, and the image is as it was', async () => {
    const archive = await ociArchive([{ name: 'library/x:1', image }]);
    await client.call('/images/load', { method: 'POST', body: archive });
    await client.call(`/images/x:1/tag?repo=${registry.host}/pushed&tag=1`, { method: 'POST' });
    const answers: Array<() => void> = [];
    registry.interfere = (request, response) => {
      request.resume();
      if (request.method === 'POST') response.writeHead(202, { Location: '/upload' }).end();
      else if (request.method === 'HEAD') response.writeHead(404).end();
      else answers.push(() => response.writeHead(201).end());
      return true;
    };
    const pushing = client.call(`/images/${registry.host}/pushed/push?tag=1`, { method: 'POST' });
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(0), { timeout: 10_000 });
    await engine.crashContainerd();
    registry.interfere = (request, response) => {
      request.resume();
      if (request.method === 'HEAD') response.writeHead(404).end();
      else response.writeHead(request.method === 'POST' ? 202 : 201, { Location: '/upload' }).end();
      return true;
    };
    for (const answer of answers) answer();
    expect(JSON.stringify((await pushing).body)).toMatch(/digest: |error/);
    expect((await client.call('/images/x:1/json')).body).toMatchObject({ Id: image.descriptor.digest });
    for (const name of [`${registry.host}/pushed:1`, 'x:1']) await client.call(`/images/${name}`, { method: 'DELETE' });
    await nothingLeft();
  });
});
