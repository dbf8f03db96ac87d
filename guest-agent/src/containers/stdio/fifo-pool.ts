import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const batch = 24;
const lowWater = 8;

/**
 * Node has no mkfifo(3), and starting the program for each stream costs more than everything else about it. So FIFOs
 * are made by the batch beforehand and renamed into place when a process needs them.
 */
export class FifoPool {
  readonly #dir: string;
  readonly #ready: string[] = [];
  #made = 0;
  #refill: Promise<void> | null = null;

  constructor(dir: string) {
    this.#dir = dir;
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  }

  /** Puts a fresh FIFO at `target`, in an existing folder of the same file system. */
  async place(target: string): Promise<void> {
    let fifo = this.#ready.pop();
    while (fifo === undefined) {
      await this.fill();
      fifo = this.#ready.pop();
    }
    renameSync(fifo, target);
    if (this.#ready.length < lowWater) this.fill().catch(() => undefined);
  }

  /** Makes the next batch; one at a time. A failure reaches whoever waits for a FIFO. */
  fill(): Promise<void> {
    this.#refill ??= this.#make().finally(() => (this.#refill = null));
    return this.#refill;
  }

  async #make(): Promise<void> {
    const paths = Array.from({ length: batch }, () => path.join(this.#dir, String(this.#made++)));
    await run('mkfifo', ['-m', '0600', ...paths]);
    this.#ready.push(...paths);
  }
}
