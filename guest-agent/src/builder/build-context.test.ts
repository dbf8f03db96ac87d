import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locateDockerfile, unpackContext } from './build-context.ts';

let root: string;
let folder: string;
const never = new AbortController().signal;

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'berth-context-'));
  folder = path.join(root, 'context');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function archive(entries: Array<Partial<Header> & { name: string; content?: string }>): Promise<Buffer> {
  const tar = pack();
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  for (const { content, ...header } of entries) tar.entry({ ...owner, ...header }, content ?? '');
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const unpack = (bytes: Buffer) => unpackContext(Readable.from([bytes]), folder, never);

describe('unpackContext', () => {
  it.each([
    ['plain', (bytes: Buffer) => bytes],
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('unpacks a %s archive', async (_, compress) => {
    await unpack(compress(await archive([{ name: 'a/b', content: 'hi' }])));
    expect(await readFile(path.join(folder, 'a/b'), 'utf8')).toBe('hi');
  });

  it('takes nothing for an empty context', async () => {
    await unpackContext(Readable.from([]), folder, never);
    await expect(locateDockerfile(folder, 'Dockerfile')).rejects.toThrow(
      'Cannot locate specified Dockerfile: Dockerfile',
    );
  });

  it('reads what follows the archive', async () => {
    const bytes = Buffer.concat([await archive([{ name: 'a', content: 'hi' }]), Buffer.alloc(8_000_000)]);
    const source = Readable.from([bytes.subarray(0, 4_000_000), bytes.subarray(4_000_000)]);
    await unpackContext(source, folder, never);
    expect(source.readableEnded).toBe(true);
  });

  it.each([
    ['a name with ..', [{ name: '../outside', content: 'x' }]],
    [
      'a file below a link that leads out',
      [
        { name: 'link', type: 'symlink' as const, linkname: '..' },
        { name: 'link/outside', content: 'x' },
      ],
    ],
    ['a hard link to a file outside', [{ name: 'outside', type: 'link' as const, linkname: '../secret' }]],
  ])('refuses %s', async (_, entries) => {
    await writeFile(path.join(root, 'secret'), 'secret');
    await expect(unpack(await archive(entries))).rejects.toThrow(/tar: /);
    await expect(readFile(path.join(root, 'outside'))).rejects.toThrow('ENOENT');
    await expect(readFile(path.join(folder, 'outside'))).rejects.toThrow('ENOENT');
  });

  it('says so when it is no archive', async () => {
    await expect(unpack(Buffer.from('garbage'))).rejects.toThrow('This does not look like a tar archive');
  });

  it('stops with the client', async () => {
    const left = new AbortController();
    const source = new Readable({ read: () => undefined });
    source.push((await archive([{ name: 'a', content: 'hi' }])).subarray(0, 512));
    const unpacking = unpackContext(source, folder, left.signal);
    const failed = expect(unpacking).rejects.toThrow();
    left.abort();
    await failed;
  });
});

describe('locateDockerfile', () => {
  it('finds the given name, and the default one in lower case', async () => {
    await unpack(
      await archive([
        { name: 'dockerfile', content: 'x' },
        { name: 'sub/Other', content: 'x' },
      ]),
    );
    expect(await locateDockerfile(folder, 'Dockerfile')).toBe('dockerfile');
    expect(await locateDockerfile(folder, 'sub/Other')).toBe('sub/Other');
  });

  it('does not look outside', async () => {
    await unpack(await archive([{ name: 'a', content: 'x' }]));
    await writeFile(path.join(root, 'Dockerfile'), 'x');
    await symlink('../Dockerfile', path.join(folder, 'link'));
    await expect(locateDockerfile(folder, '../Dockerfile')).rejects.toThrow('forbidden path outside the build context');
    await expect(locateDockerfile(folder, 'link')).rejects.toThrow('Cannot locate specified Dockerfile: link');
  });
});
