import type { BigIntStats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../concurrency/atomic-file.ts';

/** Owner and mode that a container gave a file and this host did not take. */
export interface Remembered {
  uid?: number;
  gid?: number;
  /** Permission bits only. */
  mode?: number;
}

/** The oldest are forgotten beyond this. */
const maxEntries = 100_000;
const saveDelayMs = 1_000;

/**
 * Owners and modes of files of one share. A file is known by its inode and the moment of its birth, so that it may be
 * renamed by anybody, and another file that gets the same inode later is not mistaken for it.
 */
export class RememberedAttributes implements AsyncDisposable {
  readonly #file: string;
  readonly #entries: Map<string, Remembered>;
  #saving: NodeJS.Timeout | null = null;

  private constructor(file: string, entries: Map<string, Remembered>) {
    this.#file = file;
    this.#entries = entries;
  }

  /** A file that is missing or broken means that nothing is remembered. */
  static async open(file: string): Promise<RememberedAttributes> {
    const entries = await readFile(file, 'utf8')
      .then((text) => Object.entries(JSON.parse(text) as Record<string, Remembered>))
      .catch(() => []);
    return new RememberedAttributes(file, new Map(entries));
  }

  of(stats: BigIntStats): Remembered {
    return this.#entries.get(keyOf(stats)) ?? {};
  }

  remember(stats: BigIntStats, change: Remembered): void {
    const key = keyOf(stats);
    const changed = { ...this.#entries.get(key), ...change };
    this.#entries.delete(key);
    if (Object.values(changed).some((value) => value !== undefined)) this.#entries.set(key, changed);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > maxEntries && oldest !== undefined) this.#entries.delete(oldest);
    this.#saveSoon();
  }

  /** The file's last name goes. */
  forget(stats: BigIntStats): void {
    if (stats.nlink <= 1n && this.#entries.delete(keyOf(stats))) this.#saveSoon();
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#saving === null) return;
    clearTimeout(this.#saving);
    await this.#save();
  }

  #saveSoon(): void {
    this.#saving ??= setTimeout(() => void this.#save(), saveDelayMs).unref();
  }

  async #save(): Promise<void> {
    this.#saving = null;
    // Where the disk is full, what is remembered lasts as long as this process does.
    await writeFileAtomically(this.#file, JSON.stringify(Object.fromEntries(this.#entries))).catch(() => undefined);
  }
}

const keyOf = ({ ino, birthtimeNs }: BigIntStats): string => `${ino}:${birthtimeNs}`;
