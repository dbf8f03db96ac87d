import type { Logger } from '../logger.ts';
import type { GuestSession } from './session.ts';

const intervalMs = 10_000;

export interface ClockSyncOptions {
  session: () => GuestSession | null;
  log: Logger;
  now?: () => number;
}

/** Tells the guest the host's time again and again: a laptop that slept leaves its guest behind. */
export class ClockSync implements Disposable {
  readonly #options: ClockSyncOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(options: ClockSyncOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#tick(), intervalMs);
    this.#timer.unref();
  }

  /** Never rejects: a guest with a wrong clock is better than none. */
  async tell(session: GuestSession): Promise<void> {
    const { log, now = Date.now } = this.#options;
    try {
      const { steppedByMs } = await session.guest['clock.set']({ epochMs: now() });
      if (steppedByMs !== 0) log.info({ steppedByMs }, 'set the clock of the guest');
    } catch (error) {
      log.warn({ err: error }, 'the clock of the guest could not be set');
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #tick(): Promise<void> {
    const session = this.#options.session();
    if (session) await this.tell(session);
  }
}
