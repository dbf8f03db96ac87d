import type { Logger } from '../logger.ts';
import type { GuestSession } from './session.ts';

const lookIntervalMs = 1_000;
const tellIntervalMs = 10_000;
/** The wall clock moved by this against the clock that stands still while the host sleeps. */
const jumpMs = 50;
/** A look that comes so late comes after a sleep, also where no clock stands still in it. */
const lateMs = 5_000;

export interface Clocks {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds since any moment; never set by anybody. */
  steady: () => number;
}

export interface ClockSyncOptions {
  session: () => GuestSession | null;
  log: Logger;
  clocks?: Clocks;
}

const systemClocks: Clocks = { now: Date.now, steady: () => performance.now() };

/**
 * Tells the guest the host's time again and again, and at once when the host was asleep or its clock was set: a laptop
 * that slept leaves its guest behind.
 */
export class ClockSync implements Disposable {
  readonly #options: ClockSyncOptions;
  readonly #clocks: Clocks;
  readonly #timer: NodeJS.Timeout;
  #offsetMs: number;
  #lookedAtMs: number;
  #toldAtMs = -Infinity;

  constructor(options: ClockSyncOptions) {
    this.#options = options;
    this.#clocks = options.clocks ?? systemClocks;
    this.#lookedAtMs = this.#clocks.steady();
    this.#offsetMs = this.#clocks.now() - this.#lookedAtMs;
    this.#timer = setInterval(() => void this.look(), lookIntervalMs).unref();
  }

  /** Never rejects: a guest with a wrong clock is better than none. */
  async tell(session: GuestSession): Promise<void> {
    const { log } = this.#options;
    this.#toldAtMs = this.#clocks.steady();
    try {
      const { steppedByMs } = await session.guest['clock.set']({ epochMs: this.#clocks.now() });
      if (steppedByMs !== 0) log.info({ steppedByMs }, 'set the clock of the guest');
    } catch (error) {
      log.warn({ err: error }, 'the clock of the guest could not be set');
    }
  }

  /** Looks at the clocks, and tells the guest where that is due. */
  async look(): Promise<void> {
    const steadyMs = this.#clocks.steady();
    const offsetMs = this.#clocks.now() - steadyMs;
    const jumped = Math.abs(offsetMs - this.#offsetMs) > jumpMs || steadyMs - this.#lookedAtMs > lateMs;
    this.#offsetMs = offsetMs;
    this.#lookedAtMs = steadyMs;
    const session = this.#options.session();
    if (session && (jumped || steadyMs - this.#toldAtMs >= tellIntervalMs)) await this.tell(session);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
