import type { Machine } from './machine.ts';

export interface WakerOptions {
  machine: Pick<Machine, 'running' | 'problem' | 'start'>;
  /** Whether requests start a machine that is off; asked anew each time. */
  isWanted: () => Promise<boolean>;
  onFailure: (error: Error) => void;
}

const nobody = { onPhase: () => undefined, signal: new AbortController().signal };

/** Starts a machine that is off for the request that needs it. */
export class Waker {
  readonly #options: WakerOptions;

  constructor(options: WakerOptions) {
    this.#options = options;
  }

  /** null: it runs. Otherwise resolves when it does, or will not: never rejects. */
  wake(): Promise<void> | null {
    return this.#options.machine.running ? null : this.#wake();
  }

  async #wake(): Promise<void> {
    const { machine, isWanted, onFailure } = this.#options;
    try {
      // What has failed is told, not tried again with every request.
      if ((await isWanted()) && machine.problem === null) await machine.start({}, nobody);
    } catch (error) {
      onFailure(error as Error);
    }
  }
}
