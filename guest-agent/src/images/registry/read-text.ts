import type { Readable } from 'node:stream';

const limitBytes = 64 * 1024;

/** The beginning of an answer that is for people or small: errors, tokens. */
export async function readText(body: Readable): Promise<string> {
  return (await readUpTo(body as AsyncIterable<Buffer>, limitBytes)).toString('utf8');
}

/** At most `limit` bytes; what is beyond is not read. */
export async function readUpTo(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}
