import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { OpenOptions, SharedFolder } from '../shared-folder.ts';
import type { SharedFolderListing } from '../shared-folder-listing.ts';

/** What a handle stands for. */
export type Opened = { kind: 'file'; file: FileHandle } | { kind: 'folder'; listing: SharedFolderListing };

/** What a handle says about itself, so that another server can open the same again. */
interface Description {
  path: string;
  read: boolean;
  write: boolean;
  append: boolean;
}

/** The handle is none, or of a listing that began with an earlier server. */
export class BadHandleError extends Error {
  override readonly name = 'BadHandleError';
}

/**
 * Open files and listings of one client. A file's handle tells its path: a client that is served by another server from
 * some point on (this process died) goes on with the handles that it has.
 */
export class Handles implements AsyncDisposable {
  readonly #folder: SharedFolder;
  readonly #entries = new Map<string, Promise<Opened>>();

  constructor(folder: SharedFolder) {
    this.#folder = folder;
  }

  async openFile(path: string, options: OpenOptions): Promise<{ handle: Buffer; file: FileHandle }> {
    const file = await this.#folder.open(path, options);
    const { read, write, append } = options;
    const description = JSON.stringify({ path, read, write, append } satisfies Description);
    return { handle: this.#add({ kind: 'file', file }, description), file };
  }

  async openFolder(path: string): Promise<Buffer> {
    return this.#add({ kind: 'folder', listing: await this.#folder.openFolder(path) }, '');
  }

  async opened(handle: Buffer): Promise<Opened> {
    const key = handle.toString();
    return await (this.#entries.get(key) ?? this.#openAgain(key));
  }

  async close(handle: Buffer): Promise<void> {
    const key = handle.toString();
    const entry = this.#entries.get(key);
    if (!entry && !describedBy(key)) throw new BadHandleError('no such handle');
    this.#entries.delete(key);
    if (entry) await closeOpened(await entry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) await entry.then(closeOpened).catch(() => undefined);
  }

  #add(opened: Opened, description: string): Buffer {
    const key = `${randomBytes(nonceDigits / 2).toString('hex')}${description}`;
    this.#entries.set(key, Promise.resolve(opened));
    return Buffer.from(key);
  }

  #openAgain(key: string): Promise<Opened> {
    const described = describedBy(key);
    if (!described) throw new BadHandleError('no such handle');
    const { path, ...access } = described;
    const options = { ...access, create: false, truncate: false, exclusive: false, mode: 0 };
    const entry = this.#folder.open(path, options).then((file): Opened => ({ kind: 'file', file }));
    entry.catch(() => this.#entries.delete(key));
    this.#entries.set(key, entry);
    return entry;
  }
}

const nonceDigits = 16;

function describedBy(key: string): Description | null {
  try {
    const { path, read, write, append } = JSON.parse(key.slice(nonceDigits)) as Description;
    return { path: String(path), read: Boolean(read), write: Boolean(write), append: Boolean(append) };
  } catch {
    return null;
  }
}

function closeOpened(opened: Opened): Promise<void> {
  return opened.kind === 'file' ? opened.file.close() : opened.listing.close();
}
