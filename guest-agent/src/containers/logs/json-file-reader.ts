import { open, type FileHandle } from 'node:fs/promises';
import { parseEntry } from './json-file-format.ts';
import type { LogEntry } from './log-entry.ts';

const blockBytes = 64 * 1024;

export interface ReadOptions {
  path: string;
  /** Entries from the end; -1 means all. */
  tail: number;
}

/** Reads a json-file log a block at a time; the position survives, so that a follower can go on where it stopped. */
export class JsonFileReader implements AsyncDisposable {
  readonly #file: FileHandle;
  #position: number;
  #rest: Buffer = Buffer.alloc(0);

  static async open(options: ReadOptions): Promise<JsonFileReader> {
    const file = await open(options.path, 'r');
    try {
      return new JsonFileReader(file, await tailPosition(file, options.tail));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private constructor(file: FileHandle, position: number) {
    this.#file = file;
    this.#position = position;
  }

  /** Entries up to the present end of the file; call again after it has grown. */
  async *entries(): AsyncGenerator<LogEntry> {
    const block = Buffer.allocUnsafe(blockBytes);
    for (;;) {
      const { bytesRead } = await this.#file.read(block, 0, blockBytes, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      const data = Buffer.concat([this.#rest, block.subarray(0, bytesRead)]);
      const end = data.lastIndexOf(0x0a);
      this.#rest = data.subarray(end + 1);
      for (const line of data.toString('utf8', 0, end + 1).split('\n')) {
        const entry = line === '' ? null : parseEntry(line);
        if (entry) yield entry;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** Offset at which the last `tail` lines begin, found backwards from the end. */
async function tailPosition(file: FileHandle, tail: number): Promise<number> {
  if (tail < 0) return 0;
  let position = (await file.stat()).size;
  const block = Buffer.allocUnsafe(blockBytes);
  // The newline that ends the last line does not begin one.
  let missing = tail + 1;
  while (position > 0) {
    const length = Math.min(blockBytes, position);
    await file.read(block, 0, length, position - length);
    for (let at = length - 1; at >= 0; at--) {
      if (block[at] === 0x0a && --missing === 0) return position - length + at + 1;
    }
    position -= length;
  }
  return 0;
}
