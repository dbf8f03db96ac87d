import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { JsonFile, syncFolder } from '../storage/json-store.ts';
import type { Owner } from '../userns/id-mapping.ts';
import type { VolumeRecord } from './volume.ts';

const recordVersion = 1;
/** No volume can be called so: what is not (or no longer) a volume. */
const scratchPrefix = '.new-';

/**
 * Volumes on disk: `<root>/<name>/_data` holds the data, `volume.json` beside it the record. A volume comes and goes
 * by the renaming of its folder, so there never is half of one.
 */
export class VolumeStore {
  readonly #root: string;
  readonly #owner: Owner | undefined;
  readonly #records = new Map<string, VolumeRecord>();

  private constructor(root: string, owner: Owner | undefined) {
    this.#root = root;
    this.#owner = owner;
  }

  static async open(root: string, owner?: Owner): Promise<VolumeStore> {
    const store = new VolumeStore(root, owner);
    await mkdir(root, { recursive: true, mode: 0o701 });
    for (const entry of await readdir(root, { withFileTypes: true })) {
      if (entry.name.startsWith(scratchPrefix)) await removeTree(path.join(root, entry.name));
      else if (entry.isDirectory()) await store.#load(entry.name);
    }
    return store;
  }

  get(name: string): VolumeRecord | undefined {
    return this.#records.get(name);
  }

  /** By name. */
  list(): VolumeRecord[] {
    return [...this.#records.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  dataPath(name: string): string {
    return path.join(this.#root, name, '_data');
  }

  async add(record: VolumeRecord): Promise<void> {
    const scratch = this.#scratch();
    await mkdir(scratch, { mode: 0o701 });
    try {
      const data = path.join(scratch, '_data');
      await mkdir(data, { mode: 0o755 });
      if (this.#owner) await chown(data, this.#owner.uid, this.#owner.gid);
      new JsonFile<VolumeRecord>(path.join(scratch, 'volume.json'), recordVersion).write(record, { durable: true });
      await rename(scratch, path.join(this.#root, record.name));
      syncFolder(this.#root);
    } catch (error) {
      await removeTree(scratch);
      throw error;
    }
    this.#records.set(record.name, record);
  }

  /** Nothing may be mounted on it any more. */
  async remove(name: string): Promise<void> {
    const doomed = this.#scratch();
    await rename(path.join(this.#root, name), doomed);
    this.#records.delete(name);
    await removeTree(doomed);
  }

  #scratch(): string {
    return path.join(this.#root, scratchPrefix + randomBytes(8).toString('hex'));
  }

  /** A folder without a record is somebody else's: it is left alone. */
  async #load(name: string): Promise<void> {
    const record = await new JsonFile<VolumeRecord>(path.join(this.#root, name, 'volume.json'), recordVersion).read();
    if (record) this.#records.set(name, record);
  }
}

const removeTree = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
