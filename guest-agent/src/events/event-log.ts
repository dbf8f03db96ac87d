import type { NanoClock } from '../clock.ts';
import type { Filters } from '../api/engine/filters.ts';
import type { EngineEvent, EventPublisher, TimedEvent } from './event.ts';
import { matchesEvent } from './match-event.ts';

/** As many past events as dockerd keeps. */
const kept = 256;

export interface EventQuery {
  /** Wall clock, nanoseconds; null: no past events. */
  sinceNs: bigint | null;
  /** null: until the client leaves. */
  untilNs: bigint | null;
  filters: Filters;
}

type Listener = (event: TimedEvent) => void;

/** The engine's events: the recent ones, and the coming ones to whoever listens. */
export class EventLog implements EventPublisher {
  readonly #recent: TimedEvent[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #clock: NanoClock;

  constructor(clock: NanoClock) {
    this.#clock = clock;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  publish(event: EngineEvent): void {
    const timeNano = this.#clock();
    const timed: TimedEvent = { ...event, scope: 'local', time: Number(timeNano / 1_000_000_000n), timeNano };
    this.#recent.push(timed);
    if (this.#recent.length > kept) this.#recent.shift();
    for (const listener of [...this.#listeners]) listener(timed);
  }

  /** Past events that match, then coming ones, to `deliver`. The answer ends it. */
  follow(query: EventQuery, deliver: Listener): () => void {
    const { sinceNs, untilNs, filters } = query;
    const wanted = (event: TimedEvent) =>
      matchesEvent(event, filters) && (untilNs === null || event.timeNano <= untilNs);
    if (sinceNs !== null) {
      for (const event of this.#recent) if (event.timeNano >= sinceNs && wanted(event)) deliver(event);
    }
    const listener: Listener = (event) => {
      if (wanted(event)) deliver(event);
    };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
