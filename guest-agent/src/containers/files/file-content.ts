import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';

const blockBytes = 1024 * 1024;
const zeros = Buffer.alloc(64 * 1024);

const isZero = (chunk: Buffer): boolean =>
  chunk.length <= zeros.length && zeros.subarray(0, chunk.length).equals(chunk);

/**
 * Writes a file's content as it comes, a large block at a time while the next one arrives: single chunks cost more in
 * coming and going than in writing. Runs of zeros stay holes.
 */
export async function writeContent(handle: FileHandle, content: Readable): Promise<void> {
  const block = new Block(handle);
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      if (isZero(chunk)) await block.skip(chunk.length);
      else await block.add(chunk);
    }
    await block.end();
  } finally {
    await block.settled();
  }
}

class Block {
  readonly #handle: FileHandle;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Where the block begins in the file. */
  #position = 0;
  #writing: Promise<void> = Promise.resolve();
  #endsInHole = false;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async add(chunk: Buffer): Promise<void> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#endsInHole = false;
    if (this.#bytes >= blockBytes) await this.#flush();
  }

  async skip(length: number): Promise<void> {
    if (this.#bytes > 0) await this.#flush();
    this.#position += length;
    this.#endsInHole = true;
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.#writing;
    if (this.#endsInHole) await this.#handle.truncate(this.#position);
  }

  /** Never rejects: nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }

  /** Begins to write as soon as the block before is written. */
  async #flush(): Promise<void> {
    await this.#writing;
    const [chunks, position] = [this.#chunks, this.#position];
    this.#position += this.#bytes;
    [this.#chunks, this.#bytes] = [[], 0];
    if (chunks.length > 0) this.#writing = writeAll(this.#handle, chunks, position);
    this.#writing.catch(() => undefined);
  }
}

async function writeAll(handle: FileHandle, chunks: Buffer[], position: number): Promise<void> {
  let rest = chunks;
  let at = position;
  while (rest.length > 0) {
    let { bytesWritten } = await handle.writev(rest, at);
    at += bytesWritten;
    while (rest[0] && bytesWritten >= rest[0].length) {
      bytesWritten -= rest[0].length;
      rest = rest.slice(1);
    }
    if (rest[0] && bytesWritten > 0) rest = [rest[0].subarray(bytesWritten), ...rest.slice(1)];
  }
}
