import { constants } from 'node:fs';
import { lchown, lstat, mkdir, open, readlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Owner } from '../../userns/id-mapping.ts';
import { PathError } from './errors.ts';

/** Linux's O_PATH, which Node does not name: a place in a tree, without opening what is there. */
const O_PATH = 0o10000000;
const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const maxLinks = 255;

/** Path of `name` in an open folder: it stays that folder, whatever it is renamed to meanwhile. */
export const inFolder = (folder: FileHandle, name: string): string => `/proc/self/fd/${folder.fd}/${name}`;

/** Where a walk ended. `name` is an entry of the last folder; null when the walk ended in that folder itself. */
export interface Place {
  readonly folder: FileHandle;
  readonly name: string | null;
  /** Canonical path, '/' for the root. */
  readonly path: string;
}

export interface WalkOptions {
  /** Follow a link at the very end, too. */
  followLast: boolean;
  /** Makes the folders that are missing (mode 755), also where a link leads. */
  makeFolders?: boolean;
  /** Folders that are open from the last walk and lie on the way are entered as they were then. */
  keepOpen?: boolean;
}

/** Stands in the place of what the tree itself has there. */
export interface WalkMount {
  source: string;
  isFolder: boolean;
}

interface Step {
  folder: FileHandle;
  name: string;
  /** `folder` holds a mounted file's source: the way ends here. */
  isEnd?: boolean;
}

/**
 * Walks paths in a tree as if its root were '/', one folder at a time, each opened inside the one before: no link, no
 * '..' and nobody who swaps folders for links meanwhile can lead out of it, because no path of more than one part is
 * ever given to the kernel. The folders on the way stay open until the walk is disposed.
 */
export class RootedWalk implements AsyncDisposable {
  readonly #stack: Step[];
  readonly #mounts = new Map<string, WalkMount>();
  #links = 0;

  /** Who folders that are made belong to; undefined: the machine's root. */
  readonly owner: Owner | undefined;

  private constructor(root: FileHandle, owner: Owner | undefined) {
    this.#stack = [{ folder: root, name: '' }];
    this.owner = owner;
  }

  static async open(root: string, owner?: Owner): Promise<RootedWalk> {
    return new RootedWalk(await open(root, O_PATH | constants.O_DIRECTORY), owner);
  }

  /** From now on `mount` is what stands at a canonical path. Nothing is mounted. */
  mount(canonicalPath: string, mount: WalkMount): void {
    this.#mounts.set(canonicalPath, mount);
  }

  mountAt(canonicalPath: string): WalkMount | undefined {
    return this.#mounts.get(canonicalPath);
  }

  /** Canonical paths of mounts inside a folder, outer ones first. */
  mountsBelow(canonicalPath: string): string[] {
    const prefix = canonicalPath === '/' ? '/' : `${canonicalPath}/`;
    return [...this.#mounts.keys()].filter((mounted) => mounted.startsWith(prefix));
  }

  /** PathError when it leads nowhere. The place is good until the next call. */
  async to(asked: string, { followLast, makeFolders = false, keepOpen = false }: WalkOptions): Promise<Place> {
    this.#links = 0;
    const pending = asked.split('/').filter((part) => part !== '' && part !== '.');
    const kept = keepOpen ? this.#shared(pending) : 0;
    await this.#backTo(kept + 1);
    pending.splice(0, kept);
    while (pending.length > 0) {
      const part = pending.shift() as string;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        await this.#backTo(Math.max(1, this.#stack.length - 1));
        continue;
      }
      if (await this.#enter(part, makeFolders)) continue;
      const isLast = pending.length === 0;
      const mounted = await this.#mountedFile(part);
      if (mounted && isLast) return mounted;
      const { isLink } = mounted ? { isLink: false } : await this.#look(part);
      if (isLink && (!isLast || followLast)) await this.#follow(part, pending);
      else if (isLast) return { ...this.#here(), name: part, path: `${this.#path()}/${part}` };
      else throw new PathError('not-a-directory');
    }
    return { ...this.#here(), name: null, path: this.#path() || '/' };
  }

  /** How many of the open folders are the first parts of a path. */
  #shared(parts: readonly string[]): number {
    let count = 0;
    for (const step of this.#stack.slice(1)) {
      if (step.isEnd || step.name !== parts[count]) break;
      count++;
    }
    return parts.includes('..') ? 0 : count;
  }

  async #mountedFile(name: string): Promise<Place | null> {
    const mount = this.#mounts.get(`${this.#path()}/${name}`);
    if (!mount) return null;
    const folder = await open(path.dirname(mount.source), O_PATH | constants.O_DIRECTORY);
    this.#stack.push({ folder, name, isEnd: true });
    return { folder, name: path.basename(mount.source), path: this.#path() };
  }

  #here() {
    return { folder: (this.#stack.at(-1) as { folder: FileHandle }).folder };
  }

  #path(): string {
    return this.#stack.map(({ name }) => name).join('/');
  }

  async #enter(name: string, makeFolder: boolean): Promise<boolean> {
    const mount = this.#mounts.get(`${this.#path()}/${name}`);
    if (mount && !mount.isFolder) return false;
    try {
      const folder = mount
        ? await open(mount.source, O_PATH | constants.O_DIRECTORY)
        : await open(inFolder(this.#here().folder, name), folderFlags);
      this.#stack.push({ folder, name });
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && makeFolder) {
        await this.#make(inFolder(this.#here().folder, name));
        return await this.#enter(name, false);
      }
      if (code === 'ENOENT') throw new PathError('missing');
      if (code === 'ENOTDIR' || code === 'ELOOP') return false;
      throw error;
    }
  }

  /** Fine when somebody else has made it meanwhile. */
  async #make(folder: string): Promise<void> {
    try {
      await mkdir(folder, { mode: 0o755 });
      if (this.owner) await lchown(folder, this.owner.uid, this.owner.gid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }

  async #look(name: string): Promise<{ isLink: boolean }> {
    try {
      return { isLink: (await lstat(inFolder(this.#here().folder, name))).isSymbolicLink() };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new PathError('missing');
      throw error;
    }
  }

  /** What the link says takes the link's place. */
  async #follow(name: string, pending: string[]): Promise<void> {
    if (++this.#links > maxLinks) throw new PathError('loop');
    const target = await readlink(inFolder(this.#here().folder, name));
    if (target.startsWith('/')) await this.#backTo(1);
    pending.unshift(...target.split('/'));
  }

  async #backTo(depth: number): Promise<void> {
    for (const { folder } of this.#stack.splice(depth).reverse()) await folder.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#backTo(0);
  }
}
