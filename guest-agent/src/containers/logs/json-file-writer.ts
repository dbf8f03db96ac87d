import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import type { NanoClock } from '../../clock.ts';
import type { StreamName } from '../stdio/output-hub.ts';
import { formatEntry } from './json-file-format.ts';
import { LineSplitter, type Piece } from './line-splitter.ts';

/** A log that is being written. `changed` fires after entries have reached the file. */
export interface LogWriter {
  write(stream: StreamName, chunk: Buffer): Promise<void> | undefined;
  /** Writes what is left of unfinished lines and closes the file. */
  close(): Promise<void>;
  onChange(listener: () => void): () => void;
}

/** Appends to Docker's json-file log. A full disk loses log lines, never the container's output to its readers. */
export class JsonFileWriter implements LogWriter {
  readonly #splitters: Record<StreamName, LineSplitter>;
  readonly #file: WriteStream;
  readonly #attributes: string;
  readonly #listeners = new Set<() => void>();
  #failed = false;

  constructor(options: {
    path: string;
    clock: NanoClock;
    attributes: Record<string, string>;
    onError: (error: Error) => void;
  }) {
    this.#splitters = { stdout: new LineSplitter(options.clock), stderr: new LineSplitter(options.clock) };
    this.#attributes = Object.keys(options.attributes).length === 0 ? '' : JSON.stringify(options.attributes);
    this.#file = createWriteStream(options.path, { flags: 'a', mode: 0o640, highWaterMark: 1024 * 1024 });
    this.#file.on('error', (error) => {
      this.#failed = true;
      options.onError(error);
    });
  }

  write(stream: StreamName, chunk: Buffer): Promise<void> | undefined {
    return this.#append(stream, this.#splitters[stream].push(chunk));
  }

  async close(): Promise<void> {
    for (const stream of ['stdout', 'stderr'] as const) await this.#append(stream, this.#splitters[stream].flush());
    if (this.#failed) return;
    this.#file.end();
    await once(this.#file, 'close').catch(() => undefined);
    this.#notify();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #append(stream: StreamName, pieces: Piece[]): Promise<void> | undefined {
    if (pieces.length === 0 || this.#failed) return undefined;
    const text = pieces.map((piece) => formatEntry({ stream, ...piece }, this.#attributes)).join('');
    const flowing = this.#file.write(text, () => this.#notify());
    return flowing ? undefined : this.#drained();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        this.#file.off('drain', settle).off('close', settle).off('error', settle);
        resolve();
      };
      this.#file.on('drain', settle).on('close', settle).on('error', settle);
    });
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
