import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { writeFileAtomically } from '../../concurrency/atomic-file.ts';

interface Entry {
  sizeBytes: number;
  modifiedMs: number;
  digest: string;
}

/** Digests of files by size and time of their last change, kept in a file; written back when disposed. */
export class DigestCache implements AsyncDisposable {
  readonly #file: string;
  readonly #entries: Map<string, Entry>;
  #changed = false;

  private constructor(file: string, entries: Map<string, Entry>) {
    this.#file = file;
    this.#entries = entries;
  }

  /** A cache file that is missing or unreadable is an empty one. */
  static async open(file: string): Promise<DigestCache> {
    try {
      const entries = JSON.parse(await readFile(file, 'utf8')) as Record<string, Entry>;
      return new DigestCache(file, new Map(Object.entries(entries)));
    } catch {
      return new DigestCache(file, new Map());
    }
  }

  /** `sha256:…` */
  async of(file: string): Promise<string> {
    const { size: sizeBytes, mtimeMs: modifiedMs } = await stat(file);
    const known = this.#entries.get(file);
    if (known?.sizeBytes === sizeBytes && known.modifiedMs === modifiedMs) return known.digest;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    const digest = `sha256:${hash.digest('hex')}`;
    this.#entries.set(file, { sizeBytes, modifiedMs, digest });
    this.#changed = true;
    return digest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#changed) return;
    await writeFileAtomically(this.#file, `${JSON.stringify(Object.fromEntries(this.#entries))}\n`);
  }
}
