import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { pack } from 'tar-stream';
import type { ArchiveEntry } from './archive-layout.ts';
import type { LargeBlob } from '../containerd/content-reader.ts';

export interface ArchiveWriterOptions {
  /** A blob's bytes; each chunk has been written before the next is asked for. */
  read: (blob: LargeBlob) => AsyncIterable<Uint8Array>;
  signal?: AbortSignal;
}

const epoch = new Date(0);
const blockBytes = 512;
const readerLeft = 'the reader of the archive has left';

/** Writes a tar of the entries and ends `out`. A chunk waits until `out` has it: its memory is used again. */
export async function writeArchive(
  entries: readonly ArchiveEntry[],
  out: Writable,
  { read, signal }: ArchiveWriterOptions,
): Promise<void> {
  const write = (chunk: Uint8Array) => written(out, chunk, signal);
  for (const entry of entries) {
    await write(await headOf(entry));
    if (entry.kind === 'folder') continue;
    if (entry.kind === 'file') await write(entry.bytes);
    else
      for await (const chunk of read({ digest: entry.descriptor.digest, length: entry.descriptor.size }))
        await write(chunk);
    await write(padding(sizeOf(entry)));
  }
  await write(Buffer.alloc(2 * blockBytes));
  out.end();
}

const sizeOf = (entry: ArchiveEntry): number =>
  entry.kind === 'folder' ? 0 : entry.kind === 'file' ? entry.bytes.length : entry.descriptor.size;

const padding = (size: number): Buffer => Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);

async function headOf(entry: ArchiveEntry): Promise<Buffer> {
  const kind =
    entry.kind === 'folder'
      ? { name: entry.name, type: 'directory' as const, mode: 0o755 }
      : { name: entry.name, size: sizeOf(entry), mode: entry.kind === 'file' ? entry.mode : 0o444 };
  const tar = pack();
  tar.entry({ ...kind, mtime: epoch });
  await once(tar, 'readable');
  const blocks: Buffer[] = [];
  for (let block = tar.read(); block !== null; block = tar.read()) blocks.push(block as Buffer);
  return Buffer.concat(blocks);
}

/** Rejects when `out` closes first, or the signal fires. */
async function written(out: Writable, chunk: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (out.destroyed) throw new Error(readerLeft);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const leave = () => reject(signal?.reason ?? new Error(readerLeft));
  out.once('close', leave);
  out.write(chunk, (error) => (error ? reject(error) : resolve()));
  await promise.finally(() => out.off('close', leave));
}
