import type { Readable } from 'node:stream';

/** What a stream begins with: up to `bytes` and a little more; `isWhole` when that was all. It has been taken off. */
export async function readAhead(stream: Readable, bytes: number): Promise<{ head: Buffer; isWhole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= bytes) return { head: Buffer.concat(chunks), isWhole: false };
  }
  return { head: Buffer.concat(chunks), isWhole: true };
}
