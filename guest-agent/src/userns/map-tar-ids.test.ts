import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { pack, extract, type Header } from 'tar-stream';
import { expect, test } from 'vitest';
import { plainCapability } from './file-capability.ts';
import { IdMapping } from './id-mapping.ts';
import { mapTarIds } from './map-tar-ids.ts';

const ranges = (hostId: number) => [{ containerId: 0, hostId, size: 65_536 }];
const small = new IdMapping(ranges(100_000), ranges(200_000));
const large = new IdMapping(ranges(1_879_048_192), ranges(1_879_048_192));

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  await Promise.resolve();
}

const collect = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(source));

async function entriesOf(tar: Buffer): Promise<Array<{ header: Header; content: string }>> {
  const entries: Array<{ header: Header; content: string }> = [];
  const parser = extract();
  Readable.from([tar]).pipe(parser as unknown as NodeJS.WritableStream);
  for await (const entry of parser) {
    entries.push({
      header: entry.header,
      content: (await collect(entry as unknown as AsyncIterable<Buffer>)).toString(),
    });
  }
  return entries;
}

async function sample(): Promise<Buffer> {
  const tar = pack();
  const long = `${'d/'.repeat(100)}long`;
  tar.entry({ name: 'root', uid: 0, gid: 0, pax: { 'SCHILY.xattr.user.x': 'y' } }, 'first');
  tar.entry({ name: long, uid: 33, gid: 34 }, 'x'.repeat(1500));
  tar.entry({ name: 'folder', type: 'directory', uid: 5, gid: 6 });
  tar.entry({ name: 'link', type: 'symlink', linkname: long, uid: 7, gid: 8 });
  tar.finalize();
  return await collect(tar as unknown as AsyncIterable<Uint8Array>);
}

const owners = (entries: Array<{ header: Header }>) => entries.map(({ header: { uid, gid } }) => [uid, gid]);

test.each([1, 511, 512, 513, 65_536])('owners change and nothing else does, in pieces of %i bytes', async (size) => {
  const before = await entriesOf(await sample());
  const mapped = await collect(mapTarIds(inPieces(await sample(), size), (owner) => small.toHost(owner)));
  const after = await entriesOf(mapped);
  expect(owners(after)).toEqual([
    [100_000, 200_000],
    [100_033, 200_034],
    [100_005, 200_006],
    [100_007, 200_008],
  ]);
  const rest = (entries: typeof after) => entries.map(({ header, content }) => [header.name, header.linkname, content]);
  expect(rest(after)).toEqual(rest(before));
  expect(after[0]?.header.pax).toMatchObject({ 'SCHILY.xattr.user.x': 'y' });
});

test('ids of any size come back as they were, in what GNU tar writes, too', async () => {
  const there = await collect(mapTarIds(inPieces(await sample(), 4096), (owner) => large.toHost(owner)));
  expect(owners(await entriesOf(there))[1]).toEqual([1_879_048_225, 1_879_048_226]);
  const back = await collect(mapTarIds(inPieces(there, 4096), (owner) => large.toContainer(owner)));
  expect(owners(await entriesOf(back))).toEqual(owners(await entriesOf(await sample())));
  const dir = await mkdtemp(path.join(os.tmpdir(), 'berth-ids-'));
  try {
    await writeFile(path.join(dir, 'f'), 'x');
    const options = ['--format=posix', '--owner=1879048200', '--group=1879048201'];
    const { stdout } = await promisify(execFile)('tar', ['-c', ...options, '-C', dir, 'f'], { encoding: 'buffer' });
    const gnu = await collect(mapTarIds(inPieces(stdout, 4096), (owner) => large.toContainer(owner)));
    expect(owners(await entriesOf(gnu))).toEqual([[8, 9]]);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('an id outside of the mapping ends it, in dockerd’s words', async () => {
  const reading = collect(mapTarIds(inPieces(await sample(), 4096), (owner) => small.toContainer(owner)));
  await expect(reading).rejects.toThrow('host ID 0 cannot be mapped to a container ID');
  const tooHigh = () => small.toHost({ uid: 300_000, gid: 0 });
  expect(tooHigh).toThrow('container ID 300000 cannot be mapped to a host ID');
});

test('a tar that ends early is refused', async () => {
  const cut = (await sample()).subarray(0, 1800);
  await expect(collect(mapTarIds(inPieces(cut, 100), (owner) => owner))).rejects.toThrow('unexpected EOF');
});

test('a capability given inside a user namespace becomes an ordinary one', () => {
  const body = [1, 0, 0, 0, ...Array<number>(15).fill(0)];
  const inside = Buffer.from([...[1, 0, 0, 3], ...body.slice(0, 16), ...[0xa0, 0x86, 1, 0]]);
  expect(plainCapability(inside)).toEqual(Buffer.from([...[1, 0, 0, 2], ...body.slice(0, 16)]));
  const plain = Buffer.from([...[1, 0, 0, 2], ...body.slice(0, 16)]);
  expect(plainCapability(plain)).toBe(plain);
});
