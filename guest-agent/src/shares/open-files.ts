import type { HostEntry } from './host-folder.ts';
import { addHandle, removeHandle, type ShareNode } from './nodes.ts';

/** An open file; `handle` is the host's, null for one that has nothing behind it. */
export interface OpenFile {
  kind: 'file';
  node: ShareNode;
  handle: Buffer | null;
  /** All that is in it, as it was when it was opened; for the read that comes next. */
  content?: Content | null;
}

interface Content {
  bytes: Buffer;
  /** It holds as long as this machine has not changed the file. */
  changes: number;
  openedMs: number;
}

/** So long what was in a file when it was opened is taken for what is in it. */
const contentValidMs = 300;

/** A folder that is read; `entries` is what was in it when its reading began. */
export interface OpenFolder {
  kind: 'folder';
  node: ShareNode;
  entries: HostEntry[];
}

/** Nothing is open under this number. */
export class NotOpenError extends Error {
  override readonly name = 'NotOpenError';
  readonly code = 'EBADF';
}

/** What the kernel has open, by the numbers that it was given. */
export class OpenFiles {
  readonly #open = new Map<number, OpenFile | OpenFolder>();
  #lastNumber = 0;

  add(opened: OpenFile | OpenFolder): number {
    const number = (this.#lastNumber += 1);
    this.#open.set(number, opened);
    if (opened.kind === 'file' && opened.handle) addHandle(opened.node, number);
    return number;
  }

  /** The host's handle of an open file. */
  handle(number: number): Buffer {
    const opened = this.#open.get(number);
    if (opened?.kind !== 'file' || !opened.handle) throw new NotOpenError(`no open file ${number}`);
    return opened.handle;
  }

  /** What came along when the file was opened, for one read; null: the host has to be asked. */
  takeContent(number: number): Buffer | null {
    const opened = this.#open.get(number);
    if (opened?.kind !== 'file' || !opened.content) return null;
    const { bytes, changes, openedMs } = opened.content;
    opened.content = null;
    return changes === opened.node.changes && Date.now() - openedMs < contentValidMs ? bytes : null;
  }

  folder(number: number): OpenFolder {
    const opened = this.#open.get(number);
    if (opened?.kind !== 'folder') throw new NotOpenError(`no open folder ${number}`);
    return opened;
  }

  /** A handle of a file that may have no name any more; null: it is not open. */
  anyOf(node: ShareNode): Buffer | null {
    const [number] = node.handles;
    return number === undefined ? null : this.handle(number);
  }

  remove(number: number): OpenFile | OpenFolder | null {
    const opened = this.#open.get(number) ?? null;
    this.#open.delete(number);
    if (opened) removeHandle(opened.node, number);
    return opened;
  }
}
