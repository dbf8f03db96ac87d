import type { NanoClock } from '../../../clock.ts';
import type { StreamName } from '../../stdio/output-hub.ts';
import { LineSplitter, type Piece } from '../line-splitter.ts';
import type { LogWriter } from '../log-writer.ts';
import type { LogMessage, LogSender } from './message.ts';

export interface RemoteWriterOptions {
  sender: LogSender;
  /** What `docker logs` reads; null: nothing is kept here. */
  cache: LogWriter | null;
  clock: NanoClock;
  /** What may wait to be sent before lines are lost instead of the container held up; null: nothing is lost. */
  lossy: { bytes: number; lines: number } | null;
  /** How long a server may take for what is left when the container has ended. */
  closeTimeoutMs: number;
  /** Lines were given up; called once until lines get through again. */
  onError: (error: Error) => void;
}

/** What may wait to be sent before whoever writes has to wait, too. */
const patienceBytes = 1024 * 1024;
/** What a line that waits takes besides its text. */
const lineOverheadBytes = 128;
const batchBytes = 64 * 1024;
const batchLines = 1000;

/** Sends a log to a server, line by line and in order, and keeps a copy for `docker logs`. */
export class RemoteWriter implements LogWriter {
  readonly #options: RemoteWriterOptions;
  readonly #splitters: Record<StreamName, LineSplitter>;
  readonly #closing = new AbortController();
  #queue: LogMessage[] = [];
  #queuedBytes = 0;
  #sending: Promise<void> | null = null;
  #room: PromiseWithResolvers<void> | null = null;
  #isFailing = false;

  constructor(options: RemoteWriterOptions) {
    this.#options = options;
    this.#splitters = { stdout: new LineSplitter(options.clock), stderr: new LineSplitter(options.clock) };
  }

  get rotations(): number {
    return this.#options.cache?.rotations ?? 0;
  }

  write(stream: StreamName, chunk: Buffer): Promise<void> | undefined {
    const kept = this.#options.cache?.write(stream, chunk);
    this.#append(stream, this.#splitters[stream].push(chunk));
    if (this.#options.lossy !== null || !this.#isFull()) return kept;
    this.#room ??= Promise.withResolvers<void>();
    return Promise.all([kept, this.#room.promise]).then(() => undefined);
  }

  async close(): Promise<void> {
    const { sender, cache, closeTimeoutMs } = this.#options;
    for (const stream of ['stdout', 'stderr'] as const) this.#append(stream, this.#splitters[stream].flush());
    const timer = setTimeout(() => this.#closing.abort(new Error('the container has ended')), closeTimeoutMs);
    while (this.#sending) await this.#sending;
    await Promise.race([sender.close(), aborted(this.#closing.signal)]);
    clearTimeout(timer);
    await cache?.close();
  }

  onChange(listener: () => void): () => void {
    return this.#options.cache?.onChange(listener) ?? (() => undefined);
  }

  #append(stream: StreamName, pieces: readonly Piece[]): void {
    for (const { bytes, timeNs, partial } of pieces) {
      const line = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
      if (this.#isLost(line)) continue;
      this.#queue.push({ stream, timeNs, line, ...(partial && { partial }) });
      this.#queuedBytes += line.length;
    }
    if (this.#queue.length > 0) this.#sending ??= this.#send();
  }

  /** A single line may wait, however long it is. */
  #isLost(line: Buffer): boolean {
    const { lossy } = this.#options;
    if (lossy === null || this.#queue.length === 0) return false;
    return this.#queuedBytes + line.length > lossy.bytes || this.#queue.length >= lossy.lines;
  }

  async #send(): Promise<void> {
    // Lets the lines of one chunk gather.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#options.sender.send(batch, this.#closing.signal);
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) this.#options.onError(error as Error);
        this.#isFailing = true;
      }
      this.#queuedBytes -= sizeOf(batch);
      if (!this.#isFull()) this.#release();
    }
    this.#sending = null;
    this.#release();
  }

  #isFull(): boolean {
    return this.#queuedBytes + this.#queue.length * lineOverheadBytes >= patienceBytes;
  }

  #takeBatch(): LogMessage[] {
    let [count, bytes] = [0, 0];
    const most = Math.min(batchLines, this.#queue.length);
    while (count < most && bytes < batchBytes) bytes += this.#queue[count++]?.line.length ?? 0;
    return this.#queue.splice(0, count);
  }

  #release(): void {
    this.#room?.resolve();
    this.#room = null;
  }
}

const sizeOf = (messages: readonly LogMessage[]): number => messages.reduce((sum, { line }) => sum + line.length, 0);

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
