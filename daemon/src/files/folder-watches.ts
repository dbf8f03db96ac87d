import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';

/** A name in a watched folder; `isName`: it was made, removed or renamed, otherwise what it is like has changed. */
export type OnChange = (file: string, isName: boolean) => void;

interface Watched {
  watcher: FSWatcher | null;
  /** null: not known. */
  inode: bigint | null;
}

/** So many folders of a share are watched: those that were looked at last. */
const maxFolders = 16_384;

/**
 * Watches folders of one share. Where the system watches whole trees (macOS, Windows) one watch is enough, of which
 * only what happens in these folders counts; elsewhere each has its own.
 */
export class FolderWatches implements Disposable {
  readonly #onChange: OnChange;
  /** The folder looked at last is the last one; null: seen by the watch of the whole tree. */
  readonly #folders = new Map<string, Watched>();
  readonly #tree: FSWatcher | null;

  constructor(root: string, onChange: OnChange, watchesTrees = ['darwin', 'win32'].includes(process.platform)) {
    this.#onChange = onChange;
    this.#tree = watchesTrees ? this.#open(root, { recursive: true }) : null;
  }

  get size(): number {
    return this.#folders.size;
  }

  has(folder: string): boolean {
    return this.#folders.has(folder);
  }

  /** From now on, and until so many others were looked at later. */
  add(folder: string, inode: bigint | null = null): void {
    // Another one that took its place has to be watched anew.
    if (inode !== null && (this.#folders.get(folder)?.inode ?? inode) !== inode) this.remove(folder);
    const known = this.#folders.get(folder);
    const watcher = known ? known.watcher : this.#watch(folder);
    if (watcher === undefined) return;
    this.#folders.delete(folder);
    this.#folders.set(folder, { watcher, inode: inode ?? known?.inode ?? null });
    const [oldest] = this.#folders.keys();
    if (this.#folders.size > maxFolders && oldest !== undefined) this.#drop(oldest);
  }

  /** The folder is not there any more, nor what was below it. */
  remove(folder: string): void {
    if (!this.#folders.has(folder)) return;
    const below = `${folder}${path.sep}`;
    for (const name of [...this.#folders.keys()]) if (name === folder || name.startsWith(below)) this.#drop(name);
  }

  [Symbol.dispose](): void {
    this.#tree?.close();
    for (const folder of [...this.#folders.keys()]) this.#drop(folder);
  }

  /** undefined: there are no more watches to be had, or the folder is gone. */
  #watch(folder: string): FSWatcher | null | undefined {
    if (this.#tree) return null;
    return this.#open(folder, {}) ?? undefined;
  }

  #open(folder: string, options: { recursive?: boolean }): FSWatcher | null {
    try {
      const watcher = watch(folder, { persistent: false, encoding: 'utf8', ...options }, (event, name) => {
        if (name === null) return;
        const file = path.join(folder, name);
        if (!options.recursive || this.#folders.has(path.dirname(file))) this.#onChange(file, event === 'rename');
      });
      watcher.on('error', () => this.remove(folder));
      return watcher;
    } catch {
      return null;
    }
  }

  #drop(folder: string): void {
    this.#folders.get(folder)?.watcher?.close();
    this.#folders.delete(folder);
  }
}
