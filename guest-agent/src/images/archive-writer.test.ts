import { createServer } from 'node:http';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { request } from 'undici';
import { extract } from 'tar-stream';
import { expect, it } from 'vitest';
import type { AddressInfo } from 'node:net';
import type { ArchiveEntry } from './archive-layout.ts';
import { writeArchive } from './archive-writer.ts';

const blob = { mediaType: 'application/octet-stream', digest: 'sha256:1', size: 1_000_000 };
const entries: ArchiveEntry[] = [
  { kind: 'folder', name: 'blobs/' },
  { kind: 'blob', name: 'blobs/1', descriptor: blob },
  { kind: 'file', name: 'index.json', mode: 0o644, bytes: Buffer.from('{}') },
];

/** One buffer for all chunks, as the reader of files has. */
async function* read({ length: size }: { length: number }) {
  const buffer = Buffer.alloc(300_000);
  for (let done = 0, n = 1; done < size; n++) {
    const chunk = buffer.subarray(0, Math.min(buffer.length, size - done)).fill(n);
    done += chunk.length;
    yield chunk;
  }
}

const expected = Buffer.concat([1, 2, 3, 4].map((n) => Buffer.alloc(n < 4 ? 300_000 : 100_000, n)));

async function contentsOf(archive: AsyncIterable<Uint8Array>) {
  const tar = extract();
  Readable.from(archive).pipe(tar);
  const found: Array<[string, string | null | undefined, Buffer]> = [];
  for await (const entry of tar) {
    found.push([
      entry.header.name,
      entry.header.type,
      Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Buffer>)),
    ]);
  }
  return found;
}

it('writes what tar reads again, through HTTP and with one buffer', async () => {
  await using server = createServer((_, response) => void writeArchive(entries, response, { read })).listen(0);
  await once(server, 'listening');
  const { body } = await request(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { reset: true });
  expect(await contentsOf(body)).toEqual([
    ['blobs/', 'directory', Buffer.alloc(0)],
    ['blobs/1', 'file', expected],
    ['index.json', 'file', Buffer.from('{}')],
  ]);
});

it('ends when its reader leaves, or its signal fires', async () => {
  const out = new PassThrough();
  const writing = writeArchive(entries, out, { read });
  out.destroy();
  await expect(writing).rejects.toThrow('the reader of the archive has left');
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(writeArchive(entries, new PassThrough(), { read, signal })).rejects.toThrow('enough');
});
