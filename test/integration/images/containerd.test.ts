import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectContainerd, type Containerd } from '@berth/guest-agent/testing';
import { startContainerd, type ScratchContainerd } from './scratch-containerd.ts';

let scratch: ScratchContainerd;
let containerd: Containerd;

beforeAll(async () => {
  scratch = await startContainerd();
  containerd = connectContainerd({ address: scratch.address, namespace: 'moby' });
});
afterAll(async () => {
  await containerd?.[Symbol.asyncDispose]();
  await scratch?.[Symbol.asyncDispose]();
});

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function readAll(digest: string, offset = 0): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of containerd.content.read({ digest, offset })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

it('tells its version', async () => {
  expect((await containerd.version.get()).version).toMatch(/^\d+\.\d+/);
});

describe('content', () => {
  it('keeps what is written, byte for byte', async () => {
    const bytes = randomBytes(5_000_003);
    const digest = digestOf(bytes);
    await using lease = await containerd.leases.temporary();
    await using writer = await containerd.content.openWriter({ ref: 'a', expected: digest }, lease);
    for (let at = 0; at < bytes.length; at += 70_001) await writer?.write(bytes.subarray(at, at + 70_001));
    expect(await writer?.commit({ labels: { colour: 'blue' } })).toBe(digest);
    expect((await readAll(digest)).equals(bytes)).toBe(true);
    expect((await readAll(digest, 4_999_999)).equals(bytes.subarray(4_999_999))).toBe(true);
    const info = await containerd.content.info(digest);
    expect({ size: info.size, labels: info.labels }).toEqual({ size: bytes.length, labels: { colour: 'blue' } });
    expect(await containerd.content.openWriter({ ref: 'b', expected: digest }, lease)).toBeUndefined();
  });

  it('continues an upload where it broke off', async () => {
    const bytes = randomBytes(3_000_000);
    const digest = digestOf(bytes);
    await using lease = await containerd.leases.temporary();
    {
      await using writer = await containerd.content.openWriter({ ref: 'resumed' }, lease);
      await writer?.write(bytes.subarray(0, 2_000_000));
    }
    await using writer = await containerd.content.openWriter({ ref: 'resumed' }, lease);
    const { offset } = writer!;
    expect(offset).toBeGreaterThan(1_000_000);
    await writer?.write(bytes.subarray(offset));
    expect(await writer?.commit({ expected: digest })).toBe(digest);
  });

  it('refuses what is not what was announced', async () => {
    await using lease = await containerd.leases.temporary();
    await using writer = await containerd.content.openWriter({ ref: 'wrong' }, lease);
    await writer?.write(Buffer.from('hello'));
    await expect(writer?.commit({ expected: `sha256:${'a'.repeat(64)}` })).rejects.toThrow('unexpected commit digest');
    await containerd.content.abort('wrong');
  });

  it('stops when its signal fires', async () => {
    const stop = new AbortController();
    await using writer = await containerd.content.openWriter({ ref: 'stopped' }, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(writer?.commit()).rejects.toThrow('enough');
    await containerd.content.abort('stopped').catch(() => {});
  });
});

describe('snapshots', () => {
  it('stack, and are counted', async () => {
    const { snapshots } = containerd;
    const labels = { 'containerd.io/gc.root': 'test' };
    await snapshots.prepare({ key: 'work', parent: '', labels });
    await snapshots.commit({ key: 'work', name: 'base', labels });
    const mounts = await snapshots.prepare({ key: 'top', parent: 'base', labels });
    expect(mounts[0]?.type).toMatch(/overlay|bind/);
    expect((await snapshots.stat('top')).parent).toBe('base');
    expect((await snapshots.usage('base')).size).toBeGreaterThanOrEqual(0);
    await expect(snapshots.remove('base')).rejects.toThrow();
    await snapshots.remove('top');
    await snapshots.remove('base');
    const left: string[] = [];
    for await (const { name } of snapshots.list()) left.push(name);
    expect(left).toEqual([]);
  });
});

describe('errors', () => {
  it('are the classes of the engine', async () => {
    await expect(containerd.images.get('nope')).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(containerd.tasks.list()).resolves.toEqual([]);
    await using elsewhere = connectContainerd({ address: `${scratch.dir}/no.sock`, namespace: 'moby' });
    await expect(elsewhere.version.get({ failFast: true })).rejects.toMatchObject({ name: 'UnavailableError' });
  });
});
