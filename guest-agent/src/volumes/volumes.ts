import { randomBytes } from 'node:crypto';
import type { Filters } from '../api/engine/filters.ts';
import type { VolumeJson, VolumeListJson, VolumesPruneReport } from '../api/engine/volume.ts';
import { ConflictError, NotFoundError } from '../api/errors.ts';
import { Mutex } from '../concurrency/mutex.ts';
import type { Owner } from '../userns/id-mapping.ts';
import { createVolume, type CreateVolume } from './create.ts';
import { volumeFilter } from './filter.ts';
import { pruneVolumes } from './prune.ts';
import { VolumeMounts } from './volume-mounts.ts';
import { VolumeStore } from './volume-store.ts';
import { localDriver, type VolumeRecord } from './volume.ts';

/** Tells which containers have a volume among their mounts; the container store is one. */
export interface VolumeUse {
  /** Ids of the containers, running or not. */
  containersUsing(volume: string): string[];
}

export interface VolumeEvents {
  publish(event: {
    Type: 'volume';
    Action: 'create' | 'destroy' | 'prune';
    Actor: { ID: string; Attributes: Record<string, string> };
  }): void;
}

export interface VolumesOptions {
  /** Folder that holds the volumes. */
  root: string;
  use: VolumeUse;
  events: VolumeEvents;
  /** Who the volumes belong to; absent: the machine's root. */
  owner?: Owner | undefined;
}

const newName = (): string => randomBytes(32).toString('hex');
const listFilters = ['dangling', 'name', 'driver', 'label'];

/** The engine's volumes: all of the local driver. Changes are made one at a time. */
export class Volumes {
  readonly #store: VolumeStore;
  readonly #mounts: VolumeMounts;
  readonly #use: VolumeUse;
  readonly #events: VolumeEvents;
  readonly #lock = new Mutex();
  #pruning = false;

  private constructor(store: VolumeStore, { use, events }: VolumesOptions) {
    this.#store = store;
    this.#mounts = new VolumeMounts(store);
    this.#use = use;
    this.#events = events;
  }

  static async open(options: VolumesOptions): Promise<Volumes> {
    return new Volumes(await VolumeStore.open(options.root, options.owner), options);
  }

  /** Makes the volume unless it exists; `name` '' makes an anonymous one. */
  async create(request: CreateVolume): Promise<{ name: string; driver: string; mountpoint: string }> {
    const { name, isNew } = await this.#lock.run(() => createVolume(this.#store, request, newName));
    if (isNew) this.#publish('create', name);
    return { name, driver: localDriver, mountpoint: this.#store.dataPath(name) };
  }

  /** NotFoundError: `get NAME: no such volume`. */
  inspect(name: string): VolumeJson {
    return this.#json(this.#get(name));
  }

  list(filters: Filters): VolumeListJson {
    filters.validate(listFilters);
    const filter = volumeFilter(filters, (name) => this.#isUsed(name));
    const volumes = this.#store.list().filter(filter);
    return { Volumes: volumes.map((volume) => this.#json(volume)), Warnings: null };
  }

  /** ConflictError while a container has it, forced or not; `force` accepts that it is gone already. */
  async remove(name: string, force: boolean): Promise<void> {
    await this.#lock.run(async () => {
      if (force && !this.#store.get(name)) return;
      this.#get(name);
      const users = this.#use.containersUsing(name);
      if (users.length > 0) throw new ConflictError(`remove ${name}: volume is in use - [${users.join(', ')}]`);
      await this.#mounts.release(name);
      await this.#store.remove(name);
      this.#publish('destroy', name);
    });
  }

  /** Unused volumes without options: anonymous ones, or all of them with the filter `all`. */
  async prune(filters: Filters): Promise<VolumesPruneReport> {
    if (this.#pruning) throw new ConflictError('a prune operation is already running');
    this.#pruning = true;
    try {
      const report = await pruneVolumes(filters, {
        volumes: this.#store.list(),
        isUsed: (name) => this.#isUsed(name),
        dataPath: (name) => this.#store.dataPath(name),
        remove: (name) => this.remove(name, false),
      });
      const attributes = { reclaimed: String(report.SpaceReclaimed) };
      this.#events.publish({ Type: 'volume', Action: 'prune', Actor: { ID: '', Attributes: attributes } });
      return report;
    } finally {
      this.#pruning = false;
    }
  }

  /** Ready for use by the container, until it is unmounted as often; answers the folder with the data. */
  mount(name: string, containerId: string): Promise<string> {
    return this.#lock.run(() => this.#mounts.mount(this.#get(name), containerId));
  }

  /** Fine when the container has not mounted it, or the volume is gone. */
  unmount(name: string, containerId: string): Promise<void> {
    return this.#lock.run(() => this.#mounts.unmount(name, containerId));
  }

  #get(name: string): VolumeRecord {
    const volume = this.#store.get(name);
    if (!volume) throw new NotFoundError(`get ${name}: no such volume`);
    return volume;
  }

  #isUsed(name: string): boolean {
    return this.#use.containersUsing(name).length > 0;
  }

  #publish(action: 'create' | 'destroy', name: string) {
    const actor = { ID: name, Attributes: { driver: localDriver } };
    this.#events.publish({ Type: 'volume', Action: action, Actor: actor });
  }

  #json({ name, createdMs, labels, options }: VolumeRecord): VolumeJson {
    return {
      CreatedAt: new Date(createdMs).toISOString().replace(/\.\d+Z$/, 'Z'),
      Driver: localDriver,
      Labels: sorted(labels),
      Mountpoint: this.#store.dataPath(name),
      Name: name,
      Options: sorted(options),
      Scope: 'local',
    };
  }
}

/** As Go prints a map. */
function sorted(values: Readonly<Record<string, string>> | null): Record<string, string> | null {
  return values && Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
