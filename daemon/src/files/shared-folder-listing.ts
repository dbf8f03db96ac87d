import type { BigIntStats, Dir } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Attributes } from '@berth/guest-agent/sftp';

/** A folder that is being listed. */
export class SharedFolderListing {
  readonly #host: string;
  readonly #dir: Dir;
  readonly #view: (file: string, stats: BigIntStats) => Attributes;

  constructor(host: string, dir: Dir, view: (file: string, stats: BigIntStats) => Attributes) {
    this.#host = host;
    this.#dir = dir;
    this.#view = view;
  }

  /** The next entries, at most `count`; none: that was all. */
  async next(count: number): Promise<{ name: string; attributes: Attributes }[]> {
    const names: string[] = [];
    while (names.length < count) {
      const entry = await this.#dir.read();
      if (entry === null) break;
      names.push(entry.name);
    }
    const found = await Promise.all(names.map((name) => this.#entry(name)));
    const present = found.filter((entry) => entry !== null);
    return present.length === 0 && names.length > 0 ? await this.next(count) : present;
  }

  close(): Promise<void> {
    return this.#dir.close();
  }

  /** null: it was removed meanwhile. */
  async #entry(name: string): Promise<{ name: string; attributes: Attributes } | null> {
    try {
      const file = path.join(this.#host, name);
      return { name, attributes: this.#view(file, await lstat(file, { bigint: true })) };
    } catch {
      return null;
    }
  }
}
