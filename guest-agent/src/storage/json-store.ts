import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

/** Every file carries the version of its layout, so that a later agent can tell what it reads. */
interface Versioned<T> {
  version: number;
  data: T;
}

/**
 * One JSON document in one file. Writing is atomic: a crash leaves the old document or the new one. The files are
 * small, and a synchronous write costs less than its way through the thread pool.
 */
export class JsonFile<T> {
  readonly #path: string;
  readonly #version: number;

  constructor(file: string, version: number) {
    this.#path = file;
    this.#version = version;
  }

  /** `durable`: on the disk before it returns, for what must outlive a power cut. */
  write(data: T, options: { durable: boolean } = { durable: false }): void {
    const document: Versioned<T> = { version: this.#version, data };
    const fresh = `${this.#path}.new`;
    try {
      writeDocument(fresh, JSON.stringify(document), options);
      renameSync(fresh, this.#path);
      if (options.durable) syncFolder(path.dirname(this.#path));
    } catch (error) {
      rmSync(fresh, { force: true });
      throw Object.assign(error as Error, { path: fresh });
    }
  }

  /** null when there is no file. Throws on one that is no document of this version. */
  async read(): Promise<T | null> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    const document = JSON.parse(text) as Versioned<T>;
    if (document.version !== this.#version) {
      throw new Error(`${this.#path}: layout version ${document.version}, expected ${this.#version}`);
    }
    return document.data;
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

/** What was renamed in a folder is on the disk only when the folder is. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function writeDocument(file: string, text: string, { durable }: { durable: boolean }): void {
  const fd = openSync(file, 'w', 0o600);
  try {
    writeSync(fd, text);
    if (durable) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
