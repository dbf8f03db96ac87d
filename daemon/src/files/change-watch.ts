import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { FileChange } from '@berth/guest-agent/api';
import { FolderWatches } from './folder-watches.ts';
import { OwnChanges } from './own-changes.ts';
import { inodeOf } from './inode.ts';

/** Resolves when the guest has told those who watch; until then no more are reported. */
export type ReportChanges = (changes: FileChange[]) => Promise<void>;

/** What happens to one file within this is told once. */
const gatherMs = 30;
/** More changes than this are not kept one by one: their folders are read instead. */
const maxChanges = 2_000;
const describedAtOnce = 64;
/** On a busy host a change is heard of as late as this. */
const latestMs = 2_000;

/**
 * What others than the guest do in the folders of a share that it has looked at: whoever watches a folder in a container
 * has looked at it first. Paths are the host's.
 */
export class ChangeWatch implements Disposable {
  readonly own = new OwnChanges();
  readonly #root: string;
  readonly #report: ReportChanges;
  readonly #watches: FolderWatches;
  /** Whether a name came or went, by path. */
  #changed = new Map<string, boolean>();
  /** Folders in which more has changed, since when. */
  #crowded = new Map<string, number>();
  #gathering: NodeJS.Timeout | null = null;
  #isTelling = false;
  /** When what had been heard of by then was taken to be told. */
  #toldMs = Date.now();

  constructor(root: string, report: ReportChanges) {
    this.#root = root;
    this.#report = report;
    this.#watches = new FolderWatches(root, (file, isName) => this.#onChange(file, isName));
  }

  looked(folder: string, stats?: BigIntStats): void {
    this.#watches.add(folder, stats?.ino);
  }

  /** What others do in the folder is told from before now. */
  watches(folder: string): boolean {
    return this.#watches.has(folder);
  }

  /** By the guest itself; it looks again at what is at another place now. */
  removed(file: string): void {
    this.own.removed(file);
    this.#watches.remove(file);
  }

  [Symbol.dispose](): void {
    if (this.#gathering) clearTimeout(this.#gathering);
    this.#watches[Symbol.dispose]();
  }

  #onChange(file: string, isName: boolean): void {
    const known = this.#changed.get(file);
    if (known !== undefined || this.#changed.size < maxChanges) this.#changed.set(file, isName || (known ?? false));
    else if (!this.#crowded.has(path.dirname(file))) this.#crowded.set(path.dirname(file), this.#toldMs - latestMs);
    this.#tellSoon();
  }

  #tellSoon(): void {
    if (this.#isTelling || this.#changed.size === 0) return;
    this.#gathering ??= setTimeout(() => void this.#tell(), gatherMs).unref();
  }

  async #tell(): Promise<void> {
    this.#gathering = null;
    this.#isTelling = true;
    const [changed, crowded] = [[...this.#changed], [...this.#crowded]];
    this.#changed = new Map();
    this.#crowded = new Map();
    this.#toldMs = Date.now();
    await this.own.settled();
    // Who does not hear of it sees it a moment later.
    await this.#tellOf(changed).catch(() => undefined);
    for (const [folder, sinceMs] of crowded) await this.#tellOfFolder(folder, sinceMs).catch(() => undefined);
    this.#isTelling = false;
    this.#tellSoon();
  }

  async #tellOf(changed: readonly [file: string, isName: boolean][]): Promise<void> {
    const changes: FileChange[] = [];
    for (let at = 0; at < changed.length; at += describedAtOnce) {
      const described = changed.slice(at, at + describedAtOnce).map(([file, isName]) => this.#describe(file, isName));
      for (const change of await Promise.all(described)) if (change) changes.push(change);
    }
    if (changes.length > 0) await this.#report(changes);
  }

  /** What has changed in it since then, and what is not in it any more. */
  async #tellOfFolder(folder: string, sinceMs: number): Promise<void> {
    const names = await readdir(folder);
    const stats = await lstat(folder, { bigint: true });
    await this.#report([{ ...this.#change(folder, stats), isName: false, holds: names }]);
    for (let at = 0; at < names.length; at += maxChanges) {
      const files = names.slice(at, at + maxChanges).map((name) => path.join(folder, name));
      const changed = await Promise.all(files.map(async (file) => ({ file, at: await changedMs(file) })));
      await this.#tellOf(changed.filter((entry) => entry.at >= sinceMs).map(({ file }) => [file, true]));
    }
  }

  /** null: the guest's own doing, or nothing that it could see. */
  async #describe(file: string, isName: boolean): Promise<FileChange | null> {
    const stats = await lstat(file, { bigint: true }).catch(() => null);
    if (!stats) this.#watches.remove(file);
    if (this.own.isOwn(file, stats) || (!stats && (await isFolderItself(file)))) return null;
    const change = this.#change(file, stats);
    return stats && change.is === null ? null : { ...change, isName };
  }

  #change(file: string, stats: BigIntStats | null): Omit<FileChange, 'isName'> {
    const relative = path.relative(this.#root, file).split(path.sep).join('/');
    return { path: relative, is: stats && kindOf(stats), inode: stats ? `${inodeOf(stats)}` : '' };
  }
}

/** A folder that goes tells its own name, too, as if it were in it. */
async function isFolderItself(file: string): Promise<boolean> {
  const folder = path.dirname(file);
  if (path.basename(folder) !== path.basename(file)) return false;
  return (await lstat(folder).catch(() => null)) === null;
}

function kindOf(stats: BigIntStats): FileChange['is'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : null;
}

const changedMs = (file: string): Promise<number> =>
  lstat(file).then(
    ({ ctimeMs }) => ctimeMs,
    () => 0,
  );
