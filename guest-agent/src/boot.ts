import { readFile } from 'node:fs/promises';
import { JsonFile } from './storage/json-store.ts';

const layoutVersion = 1;

/** Tells a start of the machine from one of the agent alone: only the former starts containers by their policies. */
export class Boot {
  /** The containers of this boot have been started. */
  readonly isOver: boolean;
  readonly #id: string;
  readonly #file: JsonFile<string>;

  static async read(file: string): Promise<Boot> {
    const id = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const marker = new JsonFile<string>(file, layoutVersion);
    return new Boot(id, marker, (await marker.read().catch(() => null)) === id);
  }

  private constructor(id: string, file: JsonFile<string>, isOver: boolean) {
    this.#id = id;
    this.#file = file;
    this.isOver = isOver;
  }

  /** Runs what is to happen once in a boot; a crash in it makes the next agent do it again. */
  async run(start: () => Promise<void>): Promise<void> {
    if (!this.isOver) await start();
    this.#file.write(this.#id);
  }

  /** The machine goes down in order: on a shared host the kernel will not tell. */
  async forget(): Promise<void> {
    await this.#file.remove();
  }
}
