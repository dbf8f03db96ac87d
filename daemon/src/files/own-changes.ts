import type { BigIntStats } from 'node:fs';
import path from 'node:path';

/** File systems' clocks stand still for a tick of the kernel's. */
const clockTickMs = 20;
/** What was changed longest ago is forgotten beyond this: it is told once too often if it is seen only then. */
const maxRemembered = 4_096;

export type FileIdentity = Pick<BigIntStats, 'dev' | 'ino'>;

interface Interval {
  fromMs: number;
  toMs: number;
}

/**
 * What a guest itself does to the host's files: its kernel knows already. A file that was last changed while the guest
 * changed it is the guest's doing; it is known by its inode, so that it may have any name.
 */
export class OwnChanges {
  readonly #now: () => number;
  readonly #changed = new Map<string, Interval>();
  readonly #removed = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Does something to one file; `whose` says to which, null: to none that is there any more. `names` are those that come
   * or go: their folders change with them.
   */
  async change<T>(
    act: () => Promise<T>,
    whose: (result: T) => Promise<FileIdentity | null>,
    names: readonly string[] = [],
  ): Promise<T> {
    const change = this.#change(act, whose, names);
    this.#underWay.add(change);
    try {
      return await change;
    } finally {
      this.#underWay.delete(change);
    }
  }

  removed(file: string): void {
    this.#removed.delete(file);
    this.#removed.add(file);
    forgetOldest(this.#removed);
  }

  /** Resolves when what is being done now is done. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** `stats` null: it is not there. */
  isOwn(file: string, stats: BigIntStats | null): boolean {
    if (!stats) return this.#removed.has(file);
    this.#removed.delete(file);
    const changedMs = Number(stats.ctimeNs / 1_000_000n);
    const keys = stats.isDirectory() ? [keyOf(stats), file] : [keyOf(stats)];
    return keys.some((key) => {
      const interval = this.#changed.get(key);
      return interval !== undefined && changedMs >= interval.fromMs - clockTickMs && changedMs <= interval.toMs;
    });
  }

  async #change<T>(
    act: () => Promise<T>,
    whose: (result: T) => Promise<FileIdentity | null>,
    names: readonly string[],
  ): Promise<T> {
    const fromMs = this.#now();
    const result = await act();
    const toMs = this.#now();
    const stats = await whose(result).catch(() => null);
    if (stats) this.#remember(keyOf(stats), { fromMs, toMs });
    for (const name of names) this.#remember(path.dirname(name), { fromMs, toMs });
    return result;
  }

  /** What goes on without a pause is one change. */
  #remember(key: string, { fromMs, toMs }: Interval): void {
    const before = this.#changed.get(key);
    const goesOn = before !== undefined && fromMs <= before.toMs + clockTickMs;
    this.#changed.delete(key);
    this.#changed.set(key, { fromMs: goesOn ? Math.min(before.fromMs, fromMs) : fromMs, toMs });
    forgetOldest(this.#changed);
  }
}

const keyOf = ({ dev, ino }: FileIdentity): string => `${dev}:${ino}`;

function forgetOldest(entries: Map<string, unknown> | Set<string>): void {
  const [oldest] = entries.keys();
  if (entries.size > maxRemembered && oldest !== undefined) entries.delete(oldest);
}
