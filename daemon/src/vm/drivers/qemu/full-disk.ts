import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { QmpClient } from './qmp-client.ts';

export interface FullDiskOptions {
  qmp: Pick<QmpClient, 'execute' | 'onEvent'>;
  /** The file on the host's disk. */
  dataDisk: string;
}

const retryIntervalMs = 1_000;
/** With less than this it would stand still again at once. */
const enoughBytes = 32 * 1024 ** 2;

/**
 * QEMU stops a machine whose disk the host has no room for, and loses nothing: the write is tried again when the
 * machine goes on, which it does when there is room.
 */
export class FullDisk implements Disposable {
  readonly #options: FullDiskOptions;
  #retry: NodeJS.Timeout | null = null;

  constructor(options: FullDiskOptions) {
    this.#options = options;
    options.qmp.onEvent((event, data) => {
      if (event === 'BLOCK_IO_ERROR' && data.nospace === true && data.action === 'stop') this.#wait();
      if (event === 'RESUME') this[Symbol.dispose]();
    });
  }

  /** Of a machine that another daemon saw standing still. */
  async look(): Promise<void> {
    const { status } = (await this.#options.qmp.execute('query-status')) as { status: string };
    if (status === 'io-error') this.#wait();
  }

  /** One line while it stands still; otherwise null. */
  get problem(): string | null {
    if (!this.#retry) return null;
    const disk = path.dirname(this.#options.dataDisk);
    return `the disk that ${disk} is on is full: the machine stands still, and goes on when there is room`;
  }

  [Symbol.dispose](): void {
    if (this.#retry) clearInterval(this.#retry);
    this.#retry = null;
  }

  #wait(): void {
    this.#retry ??= setInterval(() => void this.#tryAgain(), retryIntervalMs).unref();
  }

  async #tryAgain(): Promise<void> {
    const { qmp, dataDisk } = this.#options;
    try {
      const { bavail, bsize } = await statfs(path.dirname(dataDisk));
      if (bavail * bsize >= enoughBytes) await qmp.execute('cont');
    } catch {
      // QEMU has ended, or is asked again.
    }
  }
}
