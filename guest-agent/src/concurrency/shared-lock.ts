/** Many may hold it together, or one alone. Whoever wants it alone comes before those that ask to share it later. */
export class SharedLock {
  #sharing = 0;
  #isAlone = false;
  readonly #alone: Array<() => void> = [];
  #shared: Array<() => void> = [];

  async shared<T>(task: () => Promise<T>): Promise<T> {
    while (this.#isAlone || this.#alone.length > 0) {
      await new Promise<void>((resolve) => this.#shared.push(resolve));
    }
    this.#sharing++;
    try {
      return await task();
    } finally {
      this.#sharing--;
      this.#wake();
    }
  }

  async alone<T>(task: () => Promise<T>): Promise<T> {
    if (this.#isAlone || this.#sharing > 0) await new Promise<void>((resolve) => this.#alone.push(resolve));
    this.#isAlone = true;
    try {
      return await task();
    } finally {
      this.#isAlone = false;
      this.#wake();
    }
  }

  #wake(): void {
    if (this.#isAlone || this.#sharing > 0) return;
    const next = this.#alone.shift();
    if (next) {
      // At once: nobody may slip in before it runs.
      this.#isAlone = true;
      return next();
    }
    const waiting = this.#shared;
    this.#shared = [];
    for (const resume of waiting) resume();
  }
}
