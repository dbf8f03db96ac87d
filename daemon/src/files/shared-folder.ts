import { type BigIntStats, constants, type StatsFs } from 'node:fs';
import {
  chmod,
  type FileHandle,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  open,
  opendir,
  readlink,
  rename,
  rmdir,
  statfs,
  symlink,
  unlink,
} from 'node:fs/promises';
import path from 'node:path';
import type { Attributes } from '@berth/guest-agent/sftp';
import { ChangeWatch, type ReportChanges } from './change-watch.ts';
import { inodeOf } from './inode.ts';
import type { FileIdentity } from './own-changes.ts';
import { RealPaths } from './real-paths.ts';
import type { RememberedAttributes } from './remembered-attributes.ts';
import { SharedFolderListing } from './shared-folder-listing.ts';

const permissionBits = 0o7777;
/** Without these the daemon itself would be locked out of what its containers' root may still use. */
const ownFolderBits = 0o700;
const ownFileBits = 0o600;

type Owner = NonNullable<Attributes['owner']>;

/** A file of the folder is asked for by a way that leads out of it. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';
  readonly code = 'EACCES';
}

/** How a file is to be opened; `mode` is that of one that is made. */
export interface OpenOptions {
  read: boolean;
  write: boolean;
  append: boolean;
  create: boolean;
  truncate: boolean;
  exclusive: boolean;
  mode: number;
}

export interface SharedFolderParts {
  remembered: RememberedAttributes;
  /** Hears of what others than the guest do in the folders that it has looked at. */
  report: ReportChanges;
  /** Left out: this is the only folder that is served. */
  realPaths?: RealPaths;
}

/**
 * One of the host's folders as a guest sees it: paths begin with '/' and never leave it, neither by `..` nor through
 * symbolic links (a link itself can be made, read and renamed, wherever it leads: the guest follows it in its own tree).
 * What a container sets as owner and mode always succeeds: what this host does not take is remembered.
 */
export class SharedFolder implements Disposable {
  readonly #root: string;
  readonly #remembered: RememberedAttributes;
  readonly #watch: ChangeWatch;
  readonly #realPaths: RealPaths;
  readonly #identities = new WeakMap<FileHandle, FileIdentity>();

  /** @param root its real path */
  constructor(root: string, { remembered, report, realPaths = new RealPaths() }: SharedFolderParts) {
    this.#root = root;
    this.#remembered = remembered;
    this.#realPaths = realPaths;
    this.#watch = new ChangeWatch(root, report);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  async attributes(file: string): Promise<Attributes> {
    const host = await this.#locate(file);
    const isWatched = this.#watch.watches(path.dirname(host));
    return this.#see(host, await lstat(host, { bigint: true }), isWatched);
  }

  /** `file`: where it was just opened; left out: it may have any name by now, or none. */
  async attributesOf(handle: FileHandle, file?: string): Promise<Attributes> {
    const isWatched = file !== undefined && this.#watch.watches(path.dirname(await this.#locate(file)));
    const stats = await statsOf(handle);
    this.#identities.set(handle, { dev: stats.dev, ino: stats.ino });
    return this.#view(stats, isWatched);
  }

  async open(file: string, options: OpenOptions): Promise<FileHandle> {
    const host = await this.#locate(file);
    const flags = flagsOf(options);
    if (!options.create && !options.truncate) return await openLent(host, flags);
    return await this.#watch.own.change(() => this.#openNew(host, options), statsOf, [host]);
  }

  async #openNew(host: string, options: OpenOptions): Promise<FileHandle> {
    const flags = flagsOf(options);
    if (!options.create) return await openLent(host, flags);
    const mode = options.mode & permissionBits;
    try {
      const handle = await open(host, flags | constants.O_CREAT | constants.O_EXCL, mode);
      await this.#changeOpen(handle, { permissions: mode });
      return handle;
    } catch (error) {
      if (options.exclusive || (error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return await openLent(host, flags);
    }
  }

  async openFolder(file: string): Promise<SharedFolderListing> {
    const host = await this.#locate(file);
    this.#watch.looked(host);
    const isWatched = this.#watch.watches(host);
    return new SharedFolderListing(host, await opendir(host), (entry, stats) => this.#see(entry, stats, isWatched));
  }

  async makeFolder(file: string, mode: number): Promise<void> {
    const host = await this.#locate(file);
    const make = async () => {
      await mkdir(host, (mode & permissionBits) | ownFolderBits);
      await this.#change(host, { permissions: mode });
    };
    await this.#watch.own.change(make, () => lstat(host, { bigint: true }), [host]);
  }

  async removeFolder(file: string): Promise<void> {
    await this.#forgetting(await this.#locate(file), rmdir);
  }

  async remove(file: string): Promise<void> {
    await this.#forgetting(await this.#locate(file), unlink);
  }

  /** `replace`: as rename(2); otherwise an existing target is an error. */
  async rename(from: string, to: string, { replace }: { replace: boolean }): Promise<void> {
    const [source, target] = [await this.#locate(from), await this.#locate(to)];
    if (!replace && (await exists(target))) throw Object.assign(new Error('it exists'), { code: 'EEXIST' });
    const move = async () => {
      await this.#realPaths.changing(() => rename(source, target));
      this.#watch.removed(source);
    };
    await this.#watch.own.change(move, () => lstat(target, { bigint: true }), [source, target]);
  }

  async link(existing: string, made: string): Promise<void> {
    const [source, target] = [await this.#locate(existing), await this.#locate(made)];
    await this.#watch.own.change(
      () => this.#realPaths.changing(() => link(source, target)),
      () => lstat(target, { bigint: true }),
      [target],
    );
  }

  async symlink(target: string, made: string): Promise<void> {
    const host = await this.#locate(made);
    await this.#watch.own.change(
      () => this.#realPaths.changing(() => symlink(target, host)),
      () => lstat(host, { bigint: true }),
      [host],
    );
  }

  async readlink(file: string): Promise<string> {
    return await readlink(await this.#locate(file));
  }

  async space(file: string): Promise<StatsFs> {
    return await statfs(await this.#locate(file));
  }

  async change(file: string, change: Attributes): Promise<void> {
    const host = await this.#locate(file);
    await this.#watch.own.change(
      () => this.#change(host, change),
      () => lstat(host, { bigint: true }),
    );
  }

  async changeOpen(file: FileHandle, change: Attributes): Promise<void> {
    await this.#watch.own.change(
      () => this.#changeOpen(file, change),
      () => statsOf(file),
    );
  }

  async write(file: FileHandle, data: Buffer, offset: number): Promise<void> {
    await this.#watch.own.change(
      () => writeAll(file, data, offset),
      () => this.#identityOf(file),
    );
  }

  /** Which file it is does not change while it is open. */
  async #identityOf(file: FileHandle): Promise<FileIdentity> {
    const known = this.#identities.get(file) ?? (await statsOf(file));
    this.#identities.set(file, known);
    return known;
  }

  async #change(host: string, change: Attributes): Promise<void> {
    const stats = await lstat(host, { bigint: true });
    const isLink = stats.isSymbolicLink();
    if (change.size !== undefined && !isLink) await cut(host, change.size);
    if (change.owner) await this.#setOwner(stats, change.owner, ({ uid, gid }) => lchown(host, uid, gid));
    if (change.permissions !== undefined && !isLink) {
      await this.#setMode(stats, change.permissions & permissionBits, (mode) => chmod(host, mode));
    }
    if (change.times) await lutimes(host, seconds(change.times.accessedNs), seconds(change.times.modifiedNs));
  }

  async #changeOpen(file: FileHandle, change: Attributes): Promise<void> {
    if (change.size !== undefined) await file.truncate(change.size);
    if (change.times) await file.utimes(seconds(change.times.accessedNs), seconds(change.times.modifiedNs));
    if (!change.owner && change.permissions === undefined) return;
    const stats = await file.stat({ bigint: true });
    if (change.owner) await this.#setOwner(stats, change.owner, ({ uid, gid }) => file.chown(uid, gid));
    if (change.permissions !== undefined) {
      await this.#setMode(stats, change.permissions & permissionBits, (mode) => file.chmod(mode));
    }
  }

  async #setOwner(stats: BigIntStats, owner: Owner, apply: (owner: Owner) => Promise<void>): Promise<void> {
    try {
      await apply(owner);
      this.#remembered.remember(stats, { uid: undefined, gid: undefined });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#remembered.remember(stats, owner);
    }
  }

  /** The host's file gets what of the mode it takes. */
  async #setMode(stats: BigIntStats, mode: number, apply: (mode: number) => Promise<void>): Promise<void> {
    const kept = stats.isDirectory() ? mode | ownFolderBits : mode;
    const now = Number(stats.mode) & permissionBits;
    const took = now === kept || (await accepted(apply(kept)));
    const isAsAsked = took && kept === mode && process.platform !== 'win32';
    if (isAsAsked && this.#remembered.of(stats).mode === undefined) return;
    this.#remembered.remember(stats, { mode: isAsAsked ? undefined : mode });
  }

  async #forgetting(host: string, remove: (file: string) => Promise<void>): Promise<void> {
    const stats = this.#remembered.isEmpty ? null : await lstat(host, { bigint: true });
    const removal = async () => {
      await remove(host);
      this.#watch.removed(host);
    };
    await this.#watch.own.change(removal, async () => null, [host]);
    if (stats) this.#remembered.forget(stats);
  }

  /** A folder is watched before the guest can. */
  #see(host: string, stats: BigIntStats, isWatched: boolean): Attributes {
    if (!stats.isDirectory()) return this.#view(stats, isWatched);
    // What is in it may have changed before it was watched.
    const wasWatched = this.#watch.watches(host);
    this.#watch.looked(host, stats);
    return this.#view(stats, isWatched && wasWatched);
  }

  #view(stats: BigIntStats, isWatched: boolean): Attributes {
    const { uid, gid, mode } = this.#remembered.of(stats);
    const real = Number(stats.mode);
    return {
      size: Number(stats.size),
      owner: { uid: uid ?? Number(stats.uid), gid: gid ?? Number(stats.gid) },
      permissions: mode === undefined ? real : (real & ~permissionBits) | mode,
      times: { accessedNs: stats.atimeNs, modifiedNs: stats.mtimeNs },
      identity: { inode: inodeOf(stats), links: Number(stats.nlink), changedNs: stats.ctimeNs },
      watched: isWatched,
    };
  }

  /** The host's path of a file; what is above it must really lie in the folder. */
  async #locate(file: string): Promise<string> {
    const relative = path.posix.normalize(`/${file}`).slice(1).replace(/\/$/, '');
    if (relative === '') return this.#root;
    if (relative.includes('\0') || (process.platform === 'win32' && /[\\:]/.test(relative))) {
      throw Object.assign(new Error('not a name of this host'), { code: 'ENOENT' });
    }
    const host = path.join(this.#root, relative);
    const above = await this.#realPaths.of(path.dirname(host));
    if (!isWithin(this.#root, above)) throw new OutsideError('the way leads out of the shared folder');
    return path.join(above, path.basename(host));
  }
}

export function isWithin(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative === '' || (!path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..');
}

const statsOf = (file: FileHandle): Promise<BigIntStats> => file.stat({ bigint: true });

async function writeAll(file: FileHandle, data: Buffer, offset: number): Promise<void> {
  for (let written = 0; written < data.length;) {
    const { bytesWritten } = await file.write(data, written, data.length - written, offset + written);
    written += bytesWritten;
  }
}

const seconds = (ns: bigint): number => Number(ns) / 1e9;

function flagsOf({ read, write, append, truncate: empty }: OpenOptions): number {
  const { O_RDONLY, O_RDWR, O_WRONLY, O_APPEND, O_TRUNC, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;
  const access = write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY;
  // O_NONBLOCK: a FIFO must not keep one of few threads waiting.
  return access | (append ? O_APPEND : 0) | (empty ? O_TRUNC : 0) | O_NOFOLLOW | O_NONBLOCK;
}

/** Opens a file of this user's whose mode does not let even its owner, whom containers' root would not mind. */
async function openLent(host: string, flags: number): Promise<FileHandle> {
  try {
    return await open(host, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    const { mode } = await lstat(host);
    if (!(await accepted(chmod(host, (mode & permissionBits) | ownFileBits)))) throw error;
    try {
      return await open(host, flags);
    } finally {
      await chmod(host, mode & permissionBits);
    }
  }
}

async function cut(host: string, size: number): Promise<void> {
  await using file = await openLent(host, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0));
  await file.truncate(size);
}

/** This user may not, or this file system cannot. */
function isRefusal(error: unknown): boolean {
  return ['EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '');
}

async function accepted(change: Promise<void>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  return await lstat(file).then(
    () => true,
    () => false,
  );
}
