/**
 * Items for one reader. When more than `limit` wait, all of them give way to one that says so: whoever cannot keep up
 * gets to know that, and costs no memory.
 */
export class BoundedQueue<T> implements AsyncIterable<T> {
  #items: T[] = [];
  #wake: (() => void) | null = null;
  #ended = false;
  readonly #limit: number;
  readonly #overflow: T;

  constructor(limit: number, overflow: T) {
    this.#limit = limit;
    this.#overflow = overflow;
  }

  push(item: T): void {
    if (this.#items.length >= this.#limit) this.#items = [this.#overflow];
    this.#items.push(item);
    this.#wake?.();
  }

  /** What waits is not given out any more. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    while (!this.#ended) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
