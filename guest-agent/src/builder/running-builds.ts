/** Builds under way, which POST /build/cancel can name. */
export class RunningBuilds {
  readonly #all = new Set<{ id: string; cancel: AbortController }>();

  /** Aborts with `signal`, and when somebody cancels the build. `id` '' is a build that nobody can name. */
  begin(id: string, signal: AbortSignal): { signal: AbortSignal } & Disposable {
    const build = { id, cancel: new AbortController() };
    this.#all.add(build);
    return {
      signal: AbortSignal.any([signal, build.cancel.signal]),
      [Symbol.dispose]: () => void this.#all.delete(build),
    };
  }

  /** Nothing happens where there is no such build. */
  cancel(id: string): void {
    for (const build of this.#all) if (id !== '' && build.id === id) build.cancel.abort();
  }

  cancelAll(): void {
    for (const { cancel } of this.#all) cancel.abort();
  }
}
