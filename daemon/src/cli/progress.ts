import type { StartPhase } from '../api/status.ts';

/** Shows how far a start has come: one line that changes on a terminal, a line per phase elsewhere. */
export class Progress implements Disposable {
  readonly #out: NodeJS.WriteStream;
  #shown = false;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show({ phase, atMs }: StartPhase): void {
    const line = `${(atMs / 1000).toFixed(1)} s  ${phase}`;
    if (!this.#out.isTTY) return void this.#out.write(`${line}\n`);
    this.#out.write(`\r\x1b[K${line.slice(0, this.#out.columns - 1)}`);
    this.#shown = true;
  }

  /** Leaves the cursor on a clean line. */
  [Symbol.dispose](): void {
    if (this.#shown) this.#out.write('\r\x1b[K');
    this.#shown = false;
  }
}
