import type { NanoClock } from '../../clock.ts';
import type { StreamName } from '../stdio/output-hub.ts';
import { attributesJson, formatEntry } from './json-file-format.ts';
import { LineSplitter, type Piece } from './line-splitter.ts';
import { LogFile } from './log-file.ts';
import type { FileSettings } from './log-settings.ts';
import type { LogWriter } from './log-writer.ts';

/** What may wait to be written before whoever writes has to wait, too. */
const patienceBytes = 1024 * 1024;

/** Appends to Docker's json-file log. A full disk loses log lines, never the container's output to its readers. */
export class JsonFileWriter implements LogWriter {
  readonly #splitters: Record<StreamName, LineSplitter>;
  readonly #file: LogFile;
  readonly #attributes: string;
  readonly #lossyBytes: number | null;
  readonly #listeners = new Set<() => void>();

  constructor(options: { path: string; clock: NanoClock; settings: FileSettings; onError: (error: Error) => void }) {
    const { path, clock, settings, onError } = options;
    const { maxBytes, maxFiles, compress } = settings;
    this.#splitters = { stdout: new LineSplitter(clock), stderr: new LineSplitter(clock) };
    this.#attributes = attributesJson(settings.attributes);
    this.#lossyBytes = settings.lossyBytes;
    const onWritten = () => this.#notify();
    this.#file = new LogFile({ path, maxBytes, maxFiles, compress, onWritten, onError });
  }

  get rotations(): number {
    return this.#file.rotations;
  }

  write(stream: StreamName, chunk: Buffer): Promise<void> | undefined {
    this.#append(stream, this.#splitters[stream].push(chunk));
    if (this.#lossyBytes !== null || this.#file.queued < patienceBytes) return undefined;
    return this.#file.written();
  }

  async close(): Promise<void> {
    for (const stream of ['stdout', 'stderr'] as const) this.#append(stream, this.#splitters[stream].flush());
    await this.#file.close();
    this.#notify();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #append(stream: StreamName, pieces: Piece[]): void {
    for (const piece of pieces) {
      if (this.#lossyBytes !== null && this.#file.queued > 0) {
        if (this.#file.queued + piece.bytes.length > this.#lossyBytes) continue;
      }
      this.#file.append(formatEntry({ stream, ...piece }, this.#attributes));
    }
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
