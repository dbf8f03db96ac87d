import { close as closeFd, fstatSync, openSync, write as writeFd } from 'node:fs';
import { promisify } from 'node:util';
import { compressNewest, moveAside } from './rotated-files.ts';

const write = promisify(writeFd);
const close = promisify(closeFd);

export interface LogFileOptions {
  path: string;
  /** Size from which on the next entry starts a new file; null: never. */
  maxBytes: number | null;
  maxFiles: number;
  compress: boolean;
  /** Called after entries have reached the file. */
  onWritten: () => void;
  /** Entries were lost, or a file could not be moved aside; called once until all is well again. */
  onError: (error: Error) => void;
}

/** Writes entries in order, from one loop: at a rotation everything before it is in the file that moves aside. */
export class LogFile {
  readonly #options: LogFileOptions;
  #fd: number;
  #size: number;
  #queue: string[] = [];
  #queuedBytes = 0;
  #rotations = 0;
  #working: Promise<void> | null = null;
  #compressing: Promise<void> = Promise.resolve();
  /** The current file has been moved aside, and there is no new one yet. */
  #moved = false;
  /** A write stopped in the middle of an entry. */
  #torn = false;
  #isFailing = false;

  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#fd = openSync(options.path, 'a', 0o640);
    this.#size = fstatSync(this.#fd).size;
  }

  /** Files that were moved aside since the log was opened. */
  get rotations(): number {
    return this.#rotations;
  }

  /** Characters that wait to be written; close enough to bytes for a limit. */
  get queued(): number {
    return this.#queuedBytes;
  }

  append(entry: string): void {
    this.#queue.push(entry);
    this.#queuedBytes += entry.length;
    this.#working ??= this.#work();
  }

  /** Settles when all that was appended so far is in the file, or lost. */
  async written(): Promise<void> {
    while (this.#working) await this.#working;
  }

  async close(): Promise<void> {
    await this.written();
    await this.#compressing;
    await close(this.#fd).catch(() => undefined);
  }

  async #work(): Promise<void> {
    // Lets the entries of one chunk gather, so that they go out in one write.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#writeSome();
    this.#working = null;
  }

  /** As many entries as belong into the current file; lost when the disk does not take them. */
  async #writeSome(): Promise<void> {
    const isRotated = !this.#isFull(this.#size) || (await this.#rotate());
    const queue = this.#queue;
    let [count, size] = [0, this.#size];
    do size += Buffer.byteLength(queue[count++] ?? '');
    while (count < queue.length && !this.#isFull(size));
    const text = (count === queue.length ? queue : queue.slice(0, count)).join('');
    this.#queue = count === queue.length ? [] : queue.slice(count);
    try {
      await this.#writeAll(Buffer.from(this.#torn ? `\n${text}` : text));
      this.#size = size;
      if (isRotated) this.#isFailing = false;
    } catch (error) {
      this.#fail(error as Error);
    }
    this.#queuedBytes -= text.length;
    this.#options.onWritten();
  }

  #fail(error: Error): void {
    if (!this.#isFailing) this.#options.onError(error);
    this.#isFailing = true;
  }

  #isFull(size: number): boolean {
    return this.#options.maxBytes !== null && size >= this.#options.maxBytes;
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += (await write(this.#fd, bytes, at, bytes.length - at, null)).bytesWritten;
      this.#torn = at < bytes.length;
    }
  }

  /** false: the current file has to do a while longer. The next entries try again. */
  async #rotate(): Promise<boolean> {
    const { path, maxFiles, compress, onError } = this.#options;
    await this.#compressing;
    const old = this.#fd;
    try {
      if (!this.#moved) await moveAside(path, { maxFiles, compress });
      this.#moved = true;
      this.#fd = openSync(path, 'a', 0o640);
    } catch (error) {
      this.#fail(error as Error);
      return false;
    }
    [this.#moved, this.#torn, this.#size] = [false, false, 0];
    this.#rotations++;
    await close(old).catch(() => undefined);
    if (compress && maxFiles > 1) this.#compressing = compressNewest(path).catch(onError);
    return true;
  }
}
