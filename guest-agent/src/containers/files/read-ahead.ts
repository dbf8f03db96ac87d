import type { Readable } from 'node:stream';

/** What a stream begins with: up to `bytes` and a little more; `isWhole` when that was all. It has been taken off. */
export async function readAhead(stream: Readable, bytes: number): Promise<{ head: Buffer; isWhole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  while (size < bytes) {
    const chunk = await nextChunk(stream);
    if (chunk === null) return { head: Buffer.concat(chunks), isWhole: true };
    chunks.push(chunk);
    size += chunk.length;
  }
  return { head: Buffer.concat(chunks), isWhole: false };
}

/** null at the end. Rejects when the stream breaks off. */
async function nextChunk(stream: Readable): Promise<Buffer | null> {
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk !== null) return chunk;
    if (stream.readableEnded) return null;
    if (stream.errored) throw stream.errored;
    if (stream.destroyed) throw new Error('the archive broke off');
    await somethingNew(stream);
  }
}

function somethingNew(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'error', 'close'] as const;
    const settle = () => {
      for (const event of events) stream.off(event, settle);
      resolve();
    };
    for (const event of events) stream.on(event, settle);
  });
}
