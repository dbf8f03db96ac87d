import type { OciDescriptor } from './oci.ts';
import { progressMessage, shortDigest, type ProgressMessage } from './progress.ts';

const everyMs = 100;

/** Says how a push's layers are doing: those at work ten times a second, the outcome of each at once. */
export class PushProgress implements Disposable {
  readonly #write: (message: ProgressMessage) => void;
  /** Bytes sent; -1 while it waits for its turn. */
  readonly #pending = new Map<string, { total: number; sent: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(write: (message: ProgressMessage) => void) {
    this.#write = write;
    this.#timer = setInterval(() => this.#tick(), everyMs);
  }

  add({ digest, size }: OciDescriptor): void {
    this.#pending.set(digest, { total: size, sent: -1 });
  }

  /** `bytes` of it altogether. Nothing happens for blobs that are not shown. */
  sent(digest: string, bytes: number): void {
    const entry = this.#pending.get(digest);
    if (entry) entry.sent = bytes;
  }

  finish(digest: string, outcome: string): void {
    if (this.#pending.delete(digest)) this.#write(progressMessage(shortDigest(digest), outcome));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick() {
    for (const [digest, { total, sent }] of this.#pending) {
      const id = shortDigest(digest);
      this.#write(sent < 0 ? progressMessage(id, 'Waiting') : progressMessage(id, 'Pushing', { current: sent, total }));
    }
  }
}
