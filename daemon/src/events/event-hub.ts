import type { MachineStatus, StartPhase } from '../api/status.ts';
import type { ControlEvent } from '../api/streams.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { watchEngine } from './engine-watch.ts';

export interface EventSources {
  status: () => Promise<MachineStatus>;
  engine: EngineClient;
  /** The status's, of which nobody tells when they change: looked at every second while somebody listens. */
  warnings: () => readonly string[];
}

const queueLimit = 1000;
const lookIntervalMs = 1000;

/** Tells everybody who listens what changes. While nobody does, it asks nothing of the engine. */
export class EventHub implements Disposable {
  readonly #sources: EventSources;
  readonly #listeners = new Set<BoundedQueue<ControlEvent>>();
  #watch: AbortController | null = null;
  #reading: Promise<void> | null = null;
  #readAgain = false;
  #looking: NodeJS.Timeout | null = null;
  #warned = '';

  constructor(sources: EventSources) {
    this.#sources = sources;
  }

  /** The machine's state is another: call it after every change. */
  stateChanged(isRunning: boolean): void {
    if (this.#listeners.size === 0) return;
    this.#watchWhile(isRunning);
    this.#tellStatus();
  }

  progress({ phase, atMs }: StartPhase): void {
    this.#tell({ kind: 'progress', phase, atMs });
  }

  /** Everything from now on, the status first. */
  async *listen(signal: AbortSignal): AsyncGenerator<ControlEvent> {
    const queue = new BoundedQueue<ControlEvent>(queueLimit, { kind: 'lost' });
    const leave = () => queue.end();
    signal.addEventListener('abort', leave);
    this.#listeners.add(queue);
    this.#look();
    try {
      const status = await this.#sources.status();
      const joins = this.#watch !== null;
      this.#watchWhile(status.state === 'running');
      yield { kind: 'status', status };
      // A watch says so itself when it begins.
      if (joins) yield { kind: 'lost' };
      if (!signal.aborted) yield* queue;
    } finally {
      signal.removeEventListener('abort', leave);
      this.#listeners.delete(queue);
      if (this.#listeners.size === 0) this.#rest();
    }
  }

  [Symbol.dispose](): void {
    this.#rest();
    for (const queue of this.#listeners) queue.end();
  }

  #tell(event: ControlEvent): void {
    for (const queue of this.#listeners) queue.push(event);
  }

  #look(): void {
    if (this.#looking) return;
    this.#warned = this.#warnings();
    this.#looking = setInterval(() => {
      const warnings = this.#warnings();
      if (warnings !== this.#warned) this.#tellStatus();
      this.#warned = warnings;
    }, lookIntervalMs).unref();
  }

  #warnings(): string {
    return this.#sources.warnings().join('\n');
  }

  /** Nobody listens. */
  #rest(): void {
    if (this.#looking) clearInterval(this.#looking);
    this.#looking = null;
    this.#watchWhile(false);
  }

  /** One reading at a time; a change that comes meanwhile is read once more. */
  #tellStatus(): void {
    if (this.#reading) {
      this.#readAgain = true;
      return;
    }
    const read = async () => {
      do {
        this.#readAgain = false;
        this.#tell({ kind: 'status', status: await this.#sources.status() });
      } while (this.#readAgain);
    };
    this.#reading = read()
      .catch(() => this.#tell({ kind: 'lost' }))
      .finally(() => (this.#reading = null));
  }

  #watchWhile(isRunning: boolean): void {
    if (isRunning === (this.#watch !== null)) return;
    this.#watch?.abort();
    this.#watch = null;
    if (!isRunning) return;
    const end = new AbortController();
    this.#watch = end;
    void watchEngine(this.#sources.engine, (event) => this.#tell(event), end.signal).catch(() => undefined);
  }
}
