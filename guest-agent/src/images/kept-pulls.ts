import { NotFoundError } from '../api/errors.ts';
import type { Lease, LeasesClient, TemporaryLease } from '../containerd/leases.ts';

/** Marks leases that keep what a pull had fetched when it was cancelled. */
const pullLabel = 'berth.pull';
/** As long as Docker keeps it. */
const keptMs = 8 * 60 * 60 * 1000;

/** The leases of pulls: of those that run, and of those that were left half way. */
export class KeptPulls {
  readonly #leases: LeasesClient;
  readonly #running = new Set<string>();

  constructor(leases: LeasesClient) {
    this.#leases = leases;
  }

  async start(): Promise<TemporaryLease & { keep(): void }> {
    const lease = await this.#leases.temporary({ expiresInMs: keptMs, labels: { [pullLabel]: 'true' } });
    this.#running.add(lease.leaseId);
    const end = () => this.#running.delete(lease.leaseId);
    return {
      leaseId: lease.leaseId,
      /** Ends the pull but not the lease: the next pull goes on from there. */
      keep: () => void end(),
      async [Symbol.asyncDispose]() {
        if (end()) await lease[Symbol.asyncDispose]();
      },
    };
  }

  /** Lets go of what cancelled pulls left. */
  async prune(): Promise<void> {
    const leases = await this.#leases.list([`labels."${pullLabel}"`]);
    await this.#delete(leases.filter(({ id }) => !this.#running.has(id)));
  }

  /** Lets go of what an agent that died in the middle of something left; its pulls can still be taken up. */
  async clearAbandoned(): Promise<number> {
    const abandoned = (await this.#leases.abandoned()).filter(({ labels }) => labels[pullLabel] === undefined);
    await this.#delete(abandoned);
    return abandoned.length;
  }

  async #delete(leases: Lease[]): Promise<void> {
    for (const { id } of leases) {
      try {
        await this.#leases.delete(id);
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
    }
  }
}
