import { NotImplementedError } from '../../api/index.ts';
import { parseRfc3339Nano } from '../../clock.ts';
import type { Container } from '../container.ts';
import { hasTask } from '../container-state.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { LogWriter } from './log-writer.ts';
import type { LogEntry } from './log-entry.ts';
import { LogReader } from './log-reader.ts';
import { logPath } from './open-log.ts';

export interface LogQuery {
  stdout: boolean;
  stderr: boolean;
  follow: boolean;
  /** Entries from the end; -1 means all. */
  tail: number;
  /** Wall clock, nanoseconds; null for no bound. */
  sinceNs: bigint | null;
  untilNs: bigint | null;
}

/** The container's log, some entries at a time; with `follow` until it stops, `untilNs` has passed or the signal aborts. */
export async function* openLogStream(
  deps: ContainerDependencies,
  container: Container,
  { query, signal }: { query: LogQuery; signal: AbortSignal },
): AsyncGenerator<LogEntry[]> {
  const path = logPath(container);
  if (path === null) {
    throw new NotImplementedError('configured logging driver does not support reading');
  }
  const changes = new Changes(container, signal, untilMs(query, deps));
  try {
    await using reader = await LogReader.open({
      path,
      tail: query.tail,
      rotations: () => changes.log?.rotations ?? 0,
    });
    for (;;) {
      // Asked before reading: what is written meanwhile wakes the next round.
      const live = changes.isLive();
      for await (const block of reader.blocks()) {
        const { wanted, isOver } = choose(block, query);
        if (wanted.length > 0) yield wanted;
        if (isOver || signal.aborted) return;
      }
      if (!query.follow || !live || signal.aborted) return;
      await changes.next();
    }
  } finally {
    changes[Symbol.dispose]();
  }
}

/** `isOver`: what follows is later than anybody wants. */
function choose(block: LogEntry[], query: LogQuery): { wanted: LogEntry[]; isOver: boolean } {
  const { sinceNs, untilNs } = query;
  if (query.stdout && query.stderr && sinceNs === null && untilNs === null) return { wanted: block, isOver: false };
  const wanted: LogEntry[] = [];
  for (const entry of block) {
    const timeNs = sinceNs === null && untilNs === null ? 0n : parseRfc3339Nano(entry.time);
    if (untilNs !== null && timeNs > untilNs) return { wanted, isOver: true };
    if (query[entry.stream] && (sinceNs === null || timeNs >= sinceNs)) wanted.push(entry);
  }
  return { wanted, isOver: false };
}

/** Milliseconds from now after which a follower is done; null for never. */
function untilMs({ untilNs }: LogQuery, deps: ContainerDependencies): number | null {
  return untilNs === null ? null : Math.max(0, Number((untilNs - deps.clock()) / 1_000_000n));
}

/** Says when there may be more to read: new entries, the end of the run, the client's leaving. */
class Changes implements Disposable {
  /** Of the run that is followed; null when nothing runs. */
  readonly log: LogWriter | null;
  readonly #container: Container;
  readonly #cleanup: Array<() => void> = [];
  #changed = false;
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(container: Container, signal: AbortSignal, timeoutMs: number | null) {
    this.#container = container;
    const notice = () => this.#notice();
    this.#cleanup.push(container.onState(notice));
    this.log = container.task?.log ?? null;
    const unsubscribe = this.log?.onChange(notice);
    if (unsubscribe) this.#cleanup.push(unsubscribe);
    signal.addEventListener('abort', notice);
    this.#cleanup.push(() => signal.removeEventListener('abort', notice));
    if (timeoutMs === null) return;
    const timer = setTimeout(() => {
      this.#isOver = true;
      notice();
    }, timeoutMs);
    this.#cleanup.push(() => clearTimeout(timer));
  }

  isLive(): boolean {
    const { state, task } = this.#container;
    return hasTask(state) && (task?.log ?? null) === this.log && !this.#isOver;
  }

  async next(): Promise<void> {
    while (!this.#changed) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#changed = false;
  }

  [Symbol.dispose](): void {
    for (const clean of this.#cleanup) clean();
  }

  #notice(): void {
    this.#changed = true;
    this.#wake();
  }
}
