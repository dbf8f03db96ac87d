/** Lets a few pieces of work go on side by side; whoever adds more waits. */
export class SideBySide {
  readonly #limit: number;
  readonly #running = new Map<string, Promise<void>>();
  #error: unknown = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Work of the same name is never done twice at once. Rejects when earlier work has failed. */
  async add(name: string, work: () => Promise<void>): Promise<void> {
    if (this.#running.has(name)) await this.settled();
    while (this.#running.size >= this.#limit) await Promise.race(this.#running.values());
    this.#rethrow();
    const run = work()
      .catch((error: unknown) => {
        this.#error ??= error;
      })
      .finally(() => this.#running.delete(name));
    this.#running.set(name, run);
  }

  /** When all that was added is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
    this.#rethrow();
  }

  #rethrow(): void {
    if (this.#error !== null) throw this.#error;
  }
}
