import { constants } from 'node:fs';
import { lchown, link, lstat, lutimes, mkdir, open, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Header } from 'tar-stream';
import { SystemError } from '../../api/index.ts';
import { PathError } from './errors.ts';
import { removeTree } from './remove-tree.ts';
import { inFolder, type RootedWalk } from './rooted-walk.ts';
import { hasAttributes, writeSpecial } from './special-entry.ts';

export interface EntryWriterOptions {
  noOverwriteDirNonDir: boolean;
  /** null: as the archive says. */
  owner: { uid: number; gid: number } | null;
  /** The folder that is written to, for error texts. */
  target: string;
}

interface Entry {
  header: Header;
  /** Cleaned, relative to the root. */
  name: string;
  /** Where it is to be, through the open folder above it. */
  file: string;
  mode: number;
  uid: number;
  gid: number;
  mtimeSeconds: number;
  content: Readable;
}

const specialTypes: readonly string[] = ['character-device', 'block-device', 'fifo'];

/** Writes the entries of an archive into a folder, which they cannot leave; what is in their way goes. */
export class EntryWriter implements AsyncDisposable {
  readonly #root: RootedWalk;
  readonly #options: EntryWriterOptions;
  /** Set last, because what is written into a folder changes its time. */
  readonly #folderTimes = new Map<string, number>();

  constructor(root: RootedWalk, options: EntryWriterOptions) {
    this.#root = root;
    this.#options = options;
  }

  async write(header: Header, content: Readable): Promise<void> {
    const name = cleanName(header.name);
    if (name === '.') return void content.resume();
    const parent = await this.#root.to(path.posix.dirname(name), { followLast: true, makeFolders: true });
    if (parent.name !== null) throw new SystemError(`mkdir ${path.posix.dirname(name)}: not a directory`);
    const entry = this.#entry(header, { name, file: inFolder(parent.folder, path.posix.basename(name)), content });
    await this.#clear(entry);
    if (specialTypes.includes(header.type ?? '') || hasAttributes(header)) {
      await writeSpecial(inFolder(parent.folder, '.'), entry);
    } else await this.#create(entry);
    if (header.type === 'directory') this.#folderTimes.set(name, entry.mtimeSeconds);
  }

  /** To be called once, when all entries are written. */
  async finish(): Promise<void> {
    for (const [name, mtimeSeconds] of this.#folderTimes) {
      const place = await this.#root.to(name, { followLast: false });
      if (place.name === null) await setTime(inFolder(place.folder, '.'), mtimeSeconds);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#folderTimes.clear();
  }

  #entry(header: Header, rest: Pick<Entry, 'name' | 'file' | 'content'>): Entry {
    const { uid, gid } = this.#options.owner ?? { uid: header.uid ?? 0, gid: header.gid ?? 0 };
    const paxTime = Number((header.pax as Record<string, string> | null | undefined)?.mtime);
    const mtimeSeconds = Number.isFinite(paxTime) ? paxTime : (header.mtime?.getTime() ?? 0) / 1000;
    return { header, uid, gid, mode: (header.mode ?? 0o644) & 0o7777, mtimeSeconds, ...rest };
  }

  async #clear({ header, name, file }: Entry): Promise<void> {
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
  }

  async #create(entry: Entry): Promise<void> {
    const { type } = entry.header;
    if (type === 'file' || type === 'contiguous-file') return await writeFile(entry);
    entry.content.resume();
    if (type === 'directory') await writeFolder(entry);
    else if (type === 'symlink') await writeLink(entry);
    else if (type === 'link') await this.#linkTo(entry);
    else throw new SystemError(`unhandled tar header type ${String(type)}`);
  }

  /** The walk to the link's target takes the folder of the link with it, so that one is opened again. */
  async #linkTo({ header, name }: Entry): Promise<void> {
    const target = path.posix.normalize(header.linkname ?? '');
    const [from, to] = [target.replace(/^\/+/, ''), name];
    if (from === '..' || from.startsWith('../'))
      throw new SystemError(`invalid hardlink target ${JSON.stringify(header.linkname)}`);
    const place = await this.#root.to(path.posix.dirname(from), { followLast: true });
    if (place.name !== null) throw new PathError('not-a-directory');
    await using folder = await open(inFolder(place.folder, '.'), constants.O_RDONLY | constants.O_DIRECTORY);
    const parent = await this.#root.to(path.posix.dirname(to), { followLast: true });
    await link(inFolder(folder, path.posix.basename(from)), inFolder(parent.folder, path.posix.basename(to)));
  }
}

function cleanName(name: string): string {
  const cleaned = path.posix.normalize(name).replace(/^\/+/, '').replace(/\/$/, '') || '.';
  if (cleaned === '..' || cleaned.startsWith('../'))
    throw new SystemError(`invalid entry name ${JSON.stringify(name)}`);
  return cleaned;
}

async function writeFile({ file, content, uid, gid, mode, mtimeSeconds }: Entry): Promise<void> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
  await using handle = await open(file, flags, 0o600);
  await pipeline(content, async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source)
      for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
  });
  await handle.chown(uid, gid);
  await handle.chmod(mode);
  await handle.utimes(mtimeSeconds, mtimeSeconds);
}

async function writeFolder({ file, uid, gid, mode }: Entry): Promise<void> {
  await mkdir(file, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await using handle = await open(file, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  await handle.chown(uid, gid);
  await handle.chmod(mode);
}

async function writeLink({ header, file, uid, gid, mtimeSeconds }: Entry): Promise<void> {
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
