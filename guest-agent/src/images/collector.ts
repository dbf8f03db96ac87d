import type { LeasesClient } from '../containerd/leases.ts';
import type { Logger } from '../logger.ts';

const delayMs = 1000;

/**
 * containerd frees the disk of what was removed at its next garbage collection, which may be a hundred changes away.
 * This asks for one, a moment after the last removal.
 */
export class Collector implements AsyncDisposable {
  readonly #leases: LeasesClient;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(leases: LeasesClient, log: Logger) {
    this.#leases = leases;
    this.#log = log;
  }

  collectSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.collect().catch((error: unknown) => this.#log.warn({ err: error }, 'collection failed'));
    }, delayMs);
  }

  /** Answers when everything unreachable is gone. Only the removal of a lease can be waited for, so one is made. */
  async collect(): Promise<void> {
    const lease = await this.#leases.temporary();
    await this.#leases.delete(lease.leaseId, { sync: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
  }
}
