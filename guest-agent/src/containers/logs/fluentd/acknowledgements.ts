import { decodeMulti } from '@msgpack/msgpack';

const empty: Buffer = Buffer.alloc(0);
const maxAnswerBytes = 64 * 1024;

/** Gathers what the server confirms. */
export class Acknowledgements {
  #rest: Buffer = empty;
  #wanted: { chunk: string; seen: () => void } | null = null;
  readonly #seen = new Set<string>();

  /** Settles when the server has confirmed the chunk. One at a time. */
  wait(chunk: string): Promise<void> {
    if (this.#seen.delete(chunk)) return Promise.resolve();
    return new Promise((resolve) => (this.#wanted = { chunk, seen: resolve }));
  }

  /** What the server says: maps with `ack`, maybe cut anywhere. What is no such thing is passed over. */
  push(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data]);
    try {
      for (const answer of decodeMulti(this.#rest)) this.#take((answer as { ack?: unknown } | null)?.ack);
      this.#rest = empty;
    } catch (error) {
      // The last one is not complete; those before it are taken again with the rest, which changes nothing.
      const isCut = error instanceof RangeError && this.#rest.length < maxAnswerBytes;
      if (!isCut) this.#rest = empty;
    }
  }

  /** A new connection: nothing of the old one counts. */
  reset(): void {
    this.#rest = empty;
    this.#seen.clear();
    this.#wanted = null;
  }

  #take(ack: unknown): void {
    if (this.#wanted !== null && ack === this.#wanted.chunk) this.#wanted.seen();
    else if (typeof ack === 'string') this.#seen.add(ack);
  }
}
