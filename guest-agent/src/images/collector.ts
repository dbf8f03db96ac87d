import type { LeasesClient } from '../containerd/leases.ts';
import type { SnapshotsClient } from '../containerd/snapshots.ts';
import type { Logger } from '../logger.ts';

/** From the last removal to the collection, and between attempts. */
const delayMs = 1000;
/** On a full disk containerd may not even note that it should tidy up; what ends gives room a moment later. */
const attempts = 10;

export interface CollectorOptions {
  leases: LeasesClient;
  snapshots: Pick<SnapshotsClient, 'prepare'>;
  log: Logger;
}

/**
 * containerd frees the disk of what was removed at its next garbage collection, which may be a hundred changes away.
 * This asks for one, a moment after the last removal.
 */
export class Collector implements AsyncDisposable {
  readonly #leases: LeasesClient;
  readonly #snapshots: Pick<SnapshotsClient, 'prepare'>;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor({ leases, snapshots, log }: CollectorOptions) {
    this.#leases = leases;
    this.#snapshots = snapshots;
    this.#log = log;
  }

  collectSoon(): void {
    this.#schedule(attempts);
  }

  #schedule(left: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.collect().catch((error: unknown) => {
        this.#log.warn({ err: error, left }, 'collection failed');
        if (left > 1) this.#schedule(left - 1);
      });
    }, delayMs);
  }

  /**
   * Answers when everything unreachable is gone. Only the removal of a lease can be waited for, so one is made.
   * It holds an empty snapshot: containerd clears folders that it could not remove earlier (on a full disk it
   * cannot) only when a snapshot goes.
   */
  async collect(): Promise<void> {
    const lease = await this.#leases.temporary();
    await this.#snapshots.prepare({ key: `collect-${lease.leaseId}`, parent: '' }, lease).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'no snapshot could be made');
    });
    await this.#leases.delete(lease.leaseId, { sync: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    clearTimeout(this.#timer);
  }
}
