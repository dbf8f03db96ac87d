import { realpath } from 'node:fs/promises';

/** So long a folder is taken for being where it was: only this host's own user can have put another in its place. */
const validMs = 1_000;
const maxKnown = 4_096;

/**
 * Where folders really are. One for all shares: what a guest does in one of them by which a way may lead elsewhere counts
 * for all.
 */
export class RealPaths {
  readonly #known = new Map<string, { real: string; sinceMs: number }>();
  #forgotten = 0;

  async of(folder: string): Promise<string> {
    const known = this.#known.get(folder);
    if (known && performance.now() - known.sinceMs < validMs) return known.real;
    const { sinceMs, forgotten } = { sinceMs: performance.now(), forgotten: this.#forgotten };
    const real = await realpath(folder);
    if (this.#known.size >= maxKnown) this.#known.clear();
    if (forgotten === this.#forgotten) this.#known.set(folder, { real, sinceMs });
    return real;
  }

  /** A guest puts something in the place of something else, or makes a link: before it does, and after it did. */
  async changing<T>(change: () => Promise<T>): Promise<T> {
    this.#forget();
    return await change().finally(() => this.#forget());
  }

  #forget(): void {
    this.#forgotten += 1;
    this.#known.clear();
  }
}
