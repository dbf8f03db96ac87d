import { constants, readFileSync } from 'node:fs';
import { lchown, link, lstat, lutimes, mkdir, open, symlink, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Header } from 'tar-stream';
import { SystemError } from '../../api/index.ts';
import type { IdMapping, Owner } from '../../userns/id-mapping.ts';
import { PathError } from './errors.ts';
import { writeContent } from './file-content.ts';
import type { Attributes } from './raw-attributes.ts';
import { removeTree } from './remove-tree.ts';
import { inFolder, type RootedWalk } from './rooted-walk.ts';
import { SideBySide } from './side-by-side.ts';
import { writeSpecial } from './special-entry.ts';

export interface EntryWriterOptions {
  noOverwriteDirNonDir: boolean;
  /** null: as the archive says. */
  owner: Owner | null;
  /** What these ids are on the machine; null: the same. */
  identity: IdMapping | null;
  /** Canonical path of the folder that is written to. */
  target: string;
}

export interface ArchiveEntry {
  header: Header;
  content: Readable;
  /** Extended attributes; null for none. */
  attributes: Attributes | null;
}

interface Entry extends ArchiveEntry {
  /** Cleaned, relative to the target. */
  name: string;
  mode: number;
  uid: number;
  gid: number;
  mtimeSeconds: number;
}

interface Parent {
  /** Relative to the target. */
  name: string;
  /** Open until another folder is entered. */
  folder: FileHandle;
  /** Canonical path. */
  path: string;
  /** What is made in it belongs to its group. */
  givesGroup: boolean;
}

const specialTypes: readonly string[] = ['character-device', 'block-device', 'fifo'];
const sideBySideLimit = 16;
const smallBytes = 128 * 1024;
/** What unlink says of one. */
const folderInTheWay: readonly string[] = ['EISDIR', 'EPERM'];
const newFile = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

/**
 * Writes the entries of an archive into a folder of a tree that they cannot leave; what is in their way goes. Small
 * files of one folder are written side by side.
 */
export class EntryWriter {
  readonly #root: RootedWalk;
  readonly #options: EntryWriterOptions;
  readonly #small = new SideBySide(sideBySideLimit);
  /** Set last, because what is written into a folder changes its time. */
  readonly #folderTimes = new Map<string, number>();
  /** Small files that found a folder in their place; they come when nothing else is being written. */
  readonly #blocked = new Map<string, () => Promise<void>>();
  #parent: Parent | null = null;

  constructor(root: RootedWalk, options: EntryWriterOptions) {
    this.#root = root;
    this.#options = options;
  }

  async write(archived: ArchiveEntry): Promise<void> {
    const { header, content } = archived;
    const name = cleanName(header.name);
    if (name === '.') return void content.resume();
    if (this.#parent?.name !== path.posix.dirname(name) || this.#blocked.has(name)) await this.#quiet();
    await this.#enter(path.posix.dirname(name));
    const entry = this.#entry(archived, name);
    const isFile = header.type === 'file' || header.type === 'contiguous-file';
    const isSmall = isFile && (header.size ?? 0) <= smallBytes && entry.attributes === null;
    if (isSmall && !this.#mountAt(name)) return await this.#writeSmall(entry, await bytesOf(content));
    await this.#quiet();
    await this.#writeAlone(entry);
  }

  /** To be called once, when all entries are written. */
  async finish(): Promise<void> {
    await this.#quiet();
    for (const [name, mtimeSeconds] of this.#folderTimes) {
      const place = await this.#root.to(this.#within(name), { followLast: false });
      if (place.name === null) await setTime(inFolder(place.folder, '.'), mtimeSeconds);
    }
  }

  /** Nothing is being written any more. Never rejects. */
  async settled(): Promise<void> {
    await this.#small.settled().catch(() => undefined);
  }

  /** Nothing is being written any more, and what was in the way of small files is dealt with. */
  async #quiet(): Promise<void> {
    await this.#small.settled();
    const blocked = [...this.#blocked.values()];
    this.#blocked.clear();
    for (const work of blocked) await work();
  }

  #within(name: string): string {
    return `${this.#options.target}/${name}`;
  }

  async #enter(name: string): Promise<Parent> {
    if (this.#parent?.name === name) return this.#parent;
    this.#parent = null;
    const options = { followLast: true, makeFolders: true, keepOpen: true };
    const { folder, name: rest, path: found } = await this.#root.to(this.#within(name), options);
    if (rest !== null) throw new SystemError(`mkdir ${name}: not a directory`);
    const givesGroup = ((await lstat(inFolder(folder, '.'))).mode & 0o2000) !== 0;
    this.#parent = { name, folder, path: found, givesGroup };
    return this.#parent;
  }

  #entry(archived: ArchiveEntry, name: string): Entry {
    const { header } = archived;
    const { owner, identity } = this.#options;
    const said = owner ?? { uid: header.uid ?? 0, gid: header.gid ?? 0 };
    const { uid, gid } = identity?.toHost(said) ?? said;
    const paxTime = Number((header.pax as Record<string, string> | null | undefined)?.mtime);
    const mtimeSeconds = Number.isFinite(paxTime) ? paxTime : (header.mtime?.getTime() ?? 0) / 1000;
    return { ...archived, name, mode: (header.mode ?? 0o644) & 0o7777, uid, gid, mtimeSeconds };
  }

  get #here(): Parent {
    return this.#parent as Parent;
  }

  /** Where it is to be, through the open folder above it. */
  #file(name: string): string {
    return inFolder(this.#here.folder, path.posix.basename(name));
  }

  #mountAt(name: string) {
    const folder = this.#here.path === '/' ? '' : this.#here.path;
    return this.#root.mountAt(`${folder}/${path.posix.basename(name)}`);
  }

  async #writeSmall(entry: Entry, bytes: Buffer): Promise<void> {
    const write = () => this.#writeFile(entry, (handle) => writeBytes(handle, bytes));
    if (this.#blocked.size >= sideBySideLimit) await this.#quiet();
    await this.#small.add(entry.name, async () => {
      try {
        await write().catch((error: unknown) => this.#replaceFile(error, entry, write));
      } catch (error) {
        if (!folderInTheWay.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
        this.#blocked.set(entry.name, async () => {
          await this.#clear(entry);
          await write();
        });
      }
    });
  }

  async #replaceFile(error: unknown, { name }: Entry, write: () => Promise<void>): Promise<void> {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await unlink(this.#file(name));
    await write();
  }

  async #writeAlone(entry: Entry): Promise<void> {
    const { header, name } = entry;
    const mount = this.#mountAt(name);
    const isFolder = header.type === 'directory';
    if (mount && !(mount.isFolder && isFolder)) {
      throw new SystemError(`unlinkat ${this.#within(name)}: device or resource busy`);
    }
    if (mount) await writeFolder(entry, mount.source);
    else {
      await this.#clear(entry);
      const isSpecial = specialTypes.includes(header.type ?? '') || entry.attributes !== null;
      if (isSpecial) await writeSpecial(inFolder(this.#here.folder, '.'), entry);
      else await this.#create(entry);
    }
    if (isFolder) this.#folderTimes.set(name, entry.mtimeSeconds);
  }

  async #clear({ header, name }: Entry): Promise<void> {
    const file = this.#file(name);
    const stats = await lstat(file).catch(ignoreMissing);
    if (!stats) return;
    const isFolder = header.type === 'directory';
    if (stats.isDirectory() && isFolder) return;
    if (this.#options.noOverwriteDirNonDir && (stats.isDirectory() || isFolder)) {
      const [old, now] = isFolder ? ['non-directory', 'directory'] : ['directory', 'non-directory'];
      throw new SystemError(
        `cannot overwrite ${old} ${JSON.stringify(name)} with ${now} ${JSON.stringify(this.#options.target)}`,
      );
    }
    await removeTree(file);
    // What went may have been a folder on the way to others.
    if (stats.isDirectory()) await this.#leave();
  }

  /** The next entries are looked for from the root on. */
  async #leave(): Promise<void> {
    const { name } = this.#here;
    await this.#root.to('/', { followLast: false });
    this.#parent = null;
    await this.#enter(name);
  }

  async #create(entry: Entry): Promise<void> {
    const { type } = entry.header;
    const file = this.#file(entry.name);
    if (type === 'file' || type === 'contiguous-file') {
      return await this.#writeFile(entry, (handle) => writeContent(handle, entry.content));
    }
    entry.content.resume();
    if (type === 'directory') await writeFolder(entry, file);
    else if (type === 'symlink') await writeLink(entry, file);
    else if (type === 'link') await this.#linkTo(entry);
    else throw new SystemError(`unhandled tar header type ${String(type)}`);
  }

  /** Fails with EEXIST where there is something. */
  async #writeFile(entry: Entry, write: (handle: FileHandle) => Promise<void>): Promise<void> {
    const { uid, gid, mode, mtimeSeconds } = entry;
    const isOurs = uid === 0 && gid === 0 && !this.#here.givesGroup;
    await using handle = await open(this.#file(entry.name), newFile, mode & 0o777);
    await write(handle);
    if (!isOurs) await handle.chown(uid, gid);
    if (!isOurs || (mode & (umask | 0o7000)) !== 0) await handle.chmod(mode);
    await handle.utimes(mtimeSeconds, mtimeSeconds);
  }

  /** The walk to the link's target leaves the folder of the link, which is opened again before. */
  async #linkTo({ header, name }: Entry): Promise<void> {
    await using parent = await open(inFolder(this.#here.folder, '.'), constants.O_RDONLY | constants.O_DIRECTORY);
    const target = path.posix.normalize(header.linkname ?? '').replace(/^\/+/, '');
    if (target === '..' || target.startsWith('../'))
      throw new SystemError(`invalid hardlink target ${JSON.stringify(header.linkname)}`);
    this.#parent = null;
    const place = await this.#root.to(this.#within(path.posix.dirname(target)), { followLast: true, keepOpen: true });
    if (place.name !== null) throw new PathError('not-a-directory');
    const from = inFolder(place.folder, path.posix.basename(target));
    await link(from, inFolder(parent, path.posix.basename(name)));
  }
}

/** Bits that the kernel takes off when a file is made. */
const umask = parseInt(/^Umask:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '777', 8);

async function bytesOf(content: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content as AsyncIterable<Buffer>) chunks.push(chunk);
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

async function writeBytes(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}

function cleanName(name: string): string {
  const cleaned = path.posix.normalize(name).replace(/^\/+/, '').replace(/\/$/, '') || '.';
  if (cleaned === '..' || cleaned.startsWith('../'))
    throw new SystemError(`invalid entry name ${JSON.stringify(name)}`);
  return cleaned;
}

async function writeFolder({ uid, gid, mode }: Entry, file: string): Promise<void> {
  await mkdir(file, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await using handle = await open(file, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  await handle.chown(uid, gid);
  await handle.chmod(mode);
}

async function writeLink({ header, uid, gid, mtimeSeconds }: Entry, file: string): Promise<void> {
  await symlink(header.linkname ?? '', file);
  await lchown(file, uid, gid);
  await lutimes(file, mtimeSeconds, mtimeSeconds);
}

async function setTime(folder: string, mtimeSeconds: number): Promise<void> {
  await using handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  await handle.utimes(mtimeSeconds, mtimeSeconds);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
