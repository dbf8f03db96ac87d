import { setTimeout as delay } from 'node:timers/promises';
import { trimLog } from '../../../process/bounded-log.ts';
import { terminate } from '../../../process/terminate.ts';
import { startService, type RunningService, whyEnded } from './service.ts';

const logTrimIntervalMs = 10_000;
const logMaxBytes = 8 * 1024 * 1024;
/** An end within this time of the start counts as a failed start. */
const settledAfterMs = 10_000;
const mostFailedStarts = 5;
const firstBackOffMs = 100;
const endGraceMs = 10_000;

export interface SupervisorOptions {
  running: RunningService;
  /** It keeps ending at once and is not started any more; called at most once. */
  onGivenUp: (reason: string) => void;
}

/** Starts a service again whenever it ends, until it is ended or let go. */
export class Supervisor {
  #running: RunningService;
  readonly #released = new AbortController();
  readonly #watching: Promise<void>;
  readonly #trimming: NodeJS.Timeout;

  constructor(options: SupervisorOptions) {
    this.#running = options.running;
    const { logFile } = options.running.service.command;
    this.#trimming = setInterval(() => void trimLog(logFile, logMaxBytes).catch(() => undefined), logTrimIntervalMs);
    this.#trimming.unref();
    this.#watching = this.#watch(options.onGivenUp);
  }

  /** Leaves the process running and stops looking after it. */
  async release(): Promise<void> {
    this.#released.abort();
    clearInterval(this.#trimming);
    await this.#watching;
  }

  /** Ends the process: SIGTERM first unless `force`. */
  async end(options: { force: boolean }): Promise<void> {
    await this.release();
    await terminate(this.#running.identity, { graceMs: options.force ? 0 : endGraceMs });
  }

  async #watch(onGivenUp: (reason: string) => void): Promise<void> {
    const { signal } = this.#released;
    const released = new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('released')));
    let failures = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      let how = await Promise.race([this.#running.exited(signal), released]);
      if (signal.aborted) return;
      failures = performance.now() - startedAt < settledAfterMs ? failures + 1 : 0;
      for (; failures < mostFailedStarts; failures++) {
        const problem = await this.#restart(firstBackOffMs * 2 ** failures);
        if (problem === null) break;
        how = problem;
      }
      if (failures < mostFailedStarts) continue;
      const { service } = this.#running;
      return onGivenUp(`${service.name} keeps ending (${await whyEnded(service, how)})`);
    }
  }

  /** null when it runs again or was let go meanwhile, else why it does not. */
  async #restart(backOffMs: number): Promise<string | null> {
    const { signal } = this.#released;
    try {
      await delay(backOffMs, undefined, { signal });
      this.#running = await startService(this.#running.service, signal);
      return null;
    } catch (error) {
      return signal.aborted ? null : (error as Error).message;
    }
  }
}
