import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { openContext } from './build-context.ts';

async function archive(name: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name, uid: 1000, gid: 1000, uname: 'somebody' }, 'FROM scratch');
  tar.finalize();
  return await buffer(tar as unknown as AsyncIterable<Buffer>);
}

async function owners(tar: Readable): Promise<string[]> {
  const found: string[] = [];
  const parser = extract();
  tar.pipe(parser);
  for await (const entry of parser) {
    found.push(`${entry.header.name} ${entry.header.uid}:${entry.header.gid}`);
    entry.resume();
  }
  return found;
}

const classic = { dockerfile: 'Dockerfile', version: 1 } as const;

describe('openContext', () => {
  it.each([
    ['plain', (bytes: Buffer) => bytes],
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('unpacks a %s archive and gives all of it to root', async (_, compress) => {
    const context = await openContext(Readable.from([compress(await archive('Dockerfile'))]), classic);
    expect(await owners(context)).toEqual(['Dockerfile 0:0']);
  });

  it('leaves owners to clients of version 2', async () => {
    const context = await openContext(Readable.from([await archive('Dockerfile')]), { ...classic, version: 2 });
    expect(await owners(context)).toEqual(['Dockerfile 1000:1000']);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['an archive of nothing', Buffer.alloc(1024)],
  ])('has no Dockerfile in %s', async (_, bytes) => {
    await expect(openContext(Readable.from([bytes]), classic)).rejects.toThrow(
      'Cannot locate specified Dockerfile: Dockerfile',
    );
  });

  it.each(['../Dockerfile', 'a/../../Dockerfile'])('refuses the Dockerfile %s', async (name) => {
    await expect(
      openContext(Readable.from([await archive('Dockerfile')]), { ...classic, dockerfile: name }),
    ).rejects.toThrow(`forbidden path outside the build context: ${name} ()`);
  });
});
