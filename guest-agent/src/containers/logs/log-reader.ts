import { findTail, JsonFileReader } from './json-file-reader.ts';
import type { LogEntry } from './log-entry.ts';
import { openLogFile } from './rotated-files.ts';

export interface LogReaderOptions {
  path: string;
  /** Entries from the end; -1 means all. */
  tail: number;
  /** Files moved aside so far by whoever writes the log; files are told apart by it while they change their names. */
  rotations: () => number;
}

interface Part {
  /** The value of `rotations` while this was the current file; negative for those of earlier runs. */
  generation: number;
  reader: JsonFileReader;
}

/** Reads a log through all of its files, oldest first, and goes on in the next one after a rotation. */
export class LogReader implements AsyncDisposable {
  readonly #options: LogReaderOptions;
  readonly #parts: Part[];
  #generation: number;

  static async open(options: LogReaderOptions): Promise<LogReader> {
    const parts: Part[] = [];
    const generation = options.rotations();
    let missing = options.tail < 0 ? Number.POSITIVE_INFINITY : options.tail;
    for (let wanted = generation; missing > 0 || wanted === generation; wanted--) {
      const file = await openGeneration(options, wanted);
      if (!file) break;
      const tail = missing === Number.POSITIVE_INFINITY ? { position: 0, missing } : await findTail(file, missing);
      missing = tail.missing;
      parts.unshift({ generation: wanted, reader: new JsonFileReader(file, tail.position) });
    }
    return new LogReader(options, parts, generation);
  }

  private constructor(options: LogReaderOptions, parts: Part[], generation: number) {
    this.#options = options;
    this.#parts = parts;
    this.#generation = generation;
  }

  /** Entries up to the present end of the log, some at a time; call again when there is more. */
  async *blocks(): AsyncGenerator<LogEntry[]> {
    for (;;) {
      const part = await this.#current();
      if (!part) return;
      const isOver = part.generation < this.#options.rotations();
      yield* part.reader.blocks();
      // Asked before reading: a file that was moved aside by then does not grow any more.
      if (!isOver) return;
      this.#parts.shift();
      await part.reader[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#parts.map(({ reader }) => reader[Symbol.asyncDispose]()));
  }

  /** The oldest file that has not been read to its end; files that are gone meanwhile are passed over. */
  async #current(): Promise<Part | undefined> {
    while (this.#parts.length === 0 && this.#generation < this.#options.rotations()) {
      const generation = ++this.#generation;
      const file = await openGeneration(this.#options, generation);
      if (file) this.#parts.push({ generation, reader: new JsonFileReader(file, 0) });
    }
    return this.#parts[0];
  }
}

/** null when the file is gone. */
async function openGeneration({ path, rotations }: LogReaderOptions, generation: number) {
  for (;;) {
    const before = rotations();
    const file = await openLogFile(path, before - generation);
    if (rotations() === before) return file;
    await file?.close();
  }
}
