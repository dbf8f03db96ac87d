import type { StreamName, OutputSink } from '../stdio/output-hub.ts';

const maxBytes = 4096;

/** Keeps the first 4 KiB of a check's output, both streams as they come. */
export class LimitedOutput implements OutputSink {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #truncated = false;

  write(_stream: StreamName, chunk: Buffer): undefined {
    const kept = chunk.subarray(0, maxBytes - this.#bytes);
    // A copy: the chunk's memory is larger and not ours.
    if (kept.length > 0) this.#chunks.push(Buffer.from(kept));
    this.#bytes += kept.length;
    if (kept.length < chunk.length) this.#truncated = true;
  }

  /** With "..." behind what was cut off. */
  text(): string {
    return `${Buffer.concat(this.#chunks).toString('utf8')}${this.#truncated ? '...' : ''}`;
  }
}
