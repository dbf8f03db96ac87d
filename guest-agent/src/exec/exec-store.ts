import { NotFoundError } from '../api/index.ts';
import type { OrphanedExec } from './adopt-execs.ts';
import type { Exec } from './exec.ts';

/** Ended execs are remembered for this long, so that a client can ask for the exit code. */
const rememberMs = 5 * 60_000;

export class ExecStore {
  /** Processes that an earlier agent started, by exec id. */
  readonly orphans = new Map<string, OrphanedExec>();
  readonly #execs = new Map<string, Exec>();
  readonly #forget = new Map<string, () => void>();

  add(exec: Exec): void {
    this.#execs.set(exec.id, exec);
    exec.container.execIds.add(exec.id);
    // A container that goes takes its execs along.
    this.#forget.set(
      exec.id,
      exec.container.onRemoved(() => this.remove(exec)),
    );
  }

  get(id: string): Exec {
    const exec = this.find(id);
    if (!exec) throw new NotFoundError(`No such exec instance: ${id}`);
    return exec;
  }

  find(id: string): Exec | undefined {
    return this.#execs.get(id);
  }

  running(): Exec[] {
    return [...this.#execs.values()].filter(({ phase }) => phase === 'running');
  }

  /** Called when an exec has ended. */
  forgetLater(exec: Exec): void {
    exec.container.execIds.delete(exec.id);
    setTimeout(() => this.remove(exec), rememberMs).unref();
  }

  remove(exec: Exec): void {
    exec.container.execIds.delete(exec.id);
    this.#execs.delete(exec.id);
    this.#forget.get(exec.id)?.();
    this.#forget.delete(exec.id);
  }
}
