import {
  type Attributes,
  attributes,
  openFlag,
  type PacketReader,
  requestType,
  text,
  uint32,
  uint64,
} from '../api/sftp/index.ts';
import type { SftpConnection } from './sftp-connection.ts';
import { EndError } from './sftp-answer.ts';

export interface HostEntry {
  name: string;
  attributes: Attributes;
}

export interface HostOpenOptions {
  /** The content comes along if it is no longer than this. */
  contentBytes?: number;
  read: boolean;
  write: boolean;
  append?: boolean;
  create?: boolean;
  exclusive?: boolean;
  mode?: number;
}

/** A file that was opened, and what it was like then; `content` is all of it or null. */
export interface HostOpened {
  handle: Buffer;
  attributes: Attributes;
  content: Buffer | null;
}

export interface HostSpace {
  blockBytes: number;
  blocks: number;
  free: number;
  available: number;
  files: number;
  freeFiles: number;
  longestName: number;
}

/**
 * The host's side of a share, one method for each request. Requests take effect in the order in which they are made,
 * also where nobody waits for the answers. All reject with a {@link HostFileError}.
 */
export class HostFolder {
  readonly #connection: Pick<SftpConnection, 'ask'>;

  constructor(connection: Pick<SftpConnection, 'ask'>) {
    this.#connection = connection;
  }

  async attributes(path: string): Promise<Attributes> {
    return (await this.#connection.ask(requestType.lstat, text(path))).fields.attributes();
  }

  async attributesOf(handle: Buffer): Promise<Attributes> {
    return (await this.#connection.ask(requestType.fstat, text(handle))).fields.attributes();
  }

  async change(path: string, change: Attributes): Promise<void> {
    await this.#connection.ask(requestType.setstat, text(path), attributes(change));
  }

  async changeOpen(handle: Buffer, change: Attributes): Promise<void> {
    await this.#connection.ask(requestType.fsetstat, text(handle), attributes(change));
  }

  async open(path: string, options: HostOpenOptions): Promise<HostOpened> {
    const { read, write, append = false, create = false, exclusive = false, mode, contentBytes = 0 } = options;
    const flags =
      (read ? openFlag.read : 0) |
      (write ? openFlag.write : 0) |
      (append ? openFlag.append : 0) |
      (create ? openFlag.create : 0) |
      (exclusive ? openFlag.exclusive : 0);
    const given = attributes(mode === undefined ? {} : { permissions: mode });
    const fields = [text('open-file@berth'), text(path), uint32(flags), given, uint32(contentBytes)];
    const answer = (await this.#connection.ask(requestType.extended, ...fields)).fields;
    const opened = { handle: answer.bytes(), attributes: answer.attributes() };
    const content = answer.bytes();
    return { ...opened, content: contentBytes > 0 && content.length === opened.attributes.size ? content : null };
  }

  async close(handle: Buffer): Promise<void> {
    await this.#connection.ask(requestType.close, text(handle));
  }

  async read(handle: Buffer, offset: number, length: number): Promise<Buffer> {
    const asked = this.#connection.ask(requestType.read, text(handle), uint64(offset), uint32(length));
    return (await asked.catch(ended))?.fields.bytes() ?? Buffer.alloc(0);
  }

  async write(handle: Buffer, offset: number, data: Buffer): Promise<void> {
    await this.#connection.ask(requestType.write, text(handle), uint64(offset), uint32(data.length), data);
  }

  async sync(handle: Buffer): Promise<void> {
    await this.#connection.ask(requestType.extended, text('fsync@openssh.com'), text(handle));
  }

  /** All that is in a folder. */
  async list(path: string): Promise<HostEntry[]> {
    const handle = (await this.#connection.ask(requestType.opendir, text(path))).fields.bytes();
    const found: HostEntry[] = [];
    try {
      for (;;) {
        const answer = await this.#connection.ask(requestType.readdir, text(handle)).catch(ended);
        if (!answer) return found;
        found.push(...entriesIn(answer.fields));
      }
    } finally {
      this.close(handle).catch(() => undefined);
    }
  }

  async remove(path: string): Promise<void> {
    await this.#connection.ask(requestType.remove, text(path));
  }

  async makeFolder(path: string, mode: number): Promise<void> {
    await this.#connection.ask(requestType.mkdir, text(path), attributes({ permissions: mode }));
  }

  async removeFolder(path: string): Promise<void> {
    await this.#connection.ask(requestType.rmdir, text(path));
  }

  async rename(from: string, to: string, { replace }: { replace: boolean }): Promise<void> {
    if (!replace) await this.#connection.ask(requestType.rename, text(from), text(to));
    else await this.#connection.ask(requestType.extended, text('posix-rename@openssh.com'), text(from), text(to));
  }

  async link(existing: string, made: string): Promise<void> {
    await this.#connection.ask(requestType.extended, text('hardlink@openssh.com'), text(existing), text(made));
  }

  async symlink(target: string, made: string): Promise<void> {
    await this.#connection.ask(requestType.symlink, text(target), text(made));
  }

  async readlink(path: string): Promise<string> {
    const { fields } = await this.#connection.ask(requestType.readlink, text(path));
    fields.uint32();
    return fields.text();
  }

  async space(path: string): Promise<HostSpace> {
    const { fields } = await this.#connection.ask(requestType.extended, text('statvfs@openssh.com'), text(path));
    fields.uint64();
    const [blockBytes, blocks, free, available] = [fields.uint64(), fields.uint64(), fields.uint64(), fields.uint64()];
    const [files, freeFiles] = [fields.uint64(), fields.uint64()];
    for (let skipped = 0; skipped < 3; skipped += 1) fields.uint64();
    return { blockBytes, blocks, free, available, files, freeFiles, longestName: fields.uint64() };
  }
}

function ended(error: unknown): null {
  if (error instanceof EndError) return null;
  throw error;
}

function* entriesIn(fields: PacketReader): Generator<HostEntry> {
  for (let left = fields.uint32(); left > 0; left -= 1) {
    const name = fields.text();
    fields.bytes();
    yield { name, attributes: fields.attributes() };
  }
}
