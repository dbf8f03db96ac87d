import { parseRfc3339Nano, rfc3339Nano, type NanoClock } from '../../clock.ts';
import type { EventPublisher } from '../../events/event.ts';
import type { Logger } from '../../logger.ts';
import { containerEvent } from '../container-events.ts';
import type { Container } from '../container.ts';
import { afterRun, healthCheck, nextRunMs, type HealthCheck, type HealthRun } from './health.ts';
import type { RunProbe } from './run-probe.ts';

/** Settles after so many milliseconds: true; false as soon as the signal aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<boolean>;

export interface HealthMonitorParts {
  run: RunProbe;
  wait: Wait;
  clock: NanoClock;
  events: EventPublisher;
  log: Logger;
}

/** Runs the health checks of running containers. The caller of its methods holds the container's lock. */
export class HealthMonitor implements Disposable {
  readonly #parts: HealthMonitorParts;
  readonly #watches = new Map<string, AbortController>();

  constructor(parts: HealthMonitorParts) {
    this.#parts = parts;
  }

  /** A run of the container begins, or an earlier agent began it. */
  begin(container: Container): void {
    const check = healthCheck(container.record.config);
    if (!check) return;
    container.update((old) => ({
      ...old,
      health: { status: 'starting', failingStreak: 0, log: old.health?.log ?? [] },
    }));
    this.#watch(container, check);
  }

  /** It goes on after a pause. */
  resume(container: Container): void {
    const check = healthCheck(container.record.config);
    if (check && container.state.health) this.#watch(container, check);
  }

  /** It stops or pauses: Docker calls that unhealthy, without an event. */
  end(container: Container): void {
    this.#watches.get(container.id)?.abort();
    this.#watches.delete(container.id);
    const { health } = container.state;
    if (health && health.status !== 'unhealthy') {
      container.update((old) => ({ ...old, health: { ...health, status: 'unhealthy' } }));
    }
  }

  [Symbol.dispose](): void {
    for (const watch of this.#watches.values()) watch.abort();
    this.#watches.clear();
  }

  #watch(container: Container, check: HealthCheck): void {
    this.#watches.get(container.id)?.abort();
    const watch = new AbortController();
    this.#watches.set(container.id, watch);
    this.#repeat(container, check, watch.signal).catch((error: unknown) => {
      this.#parts.log.error({ err: error, container: container.id }, 'health checks have stopped');
    });
  }

  async #repeat(container: Container, check: HealthCheck, signal: AbortSignal): Promise<void> {
    const { clock, wait, run } = this.#parts;
    const startedNs = parseRfc3339Nano(container.state.startedAt);
    const upMs = (atNs: bigint) => Number((atNs - startedNs) / 1_000_000n);
    for (;;) {
      const { health } = container.state;
      if (!health || !(await wait(nextRunMs(check, health, upMs(clock())), signal))) return;
      const beganNs = clock();
      const { exitCode, output } = await run(container, check, signal);
      const result = { Start: rfc3339Nano(beganNs), End: rfc3339Nano(clock()), ExitCode: exitCode, Output: output };
      await container.lock.run(async () => {
        if (!signal.aborted) this.#note(container, check, { run: result, startedMs: upMs(beganNs) });
      });
    }
  }

  #note(container: Container, check: HealthCheck, result: { run: HealthRun; startedMs: number }): void {
    const { health } = container.state;
    if (!health) return;
    const next = afterRun(check, health, result);
    container.update((old) => ({ ...old, health: next }));
    if (next.status === health.status) return;
    this.#parts.events.publish(containerEvent(container, `health_status: ${next.status}`));
  }
}
