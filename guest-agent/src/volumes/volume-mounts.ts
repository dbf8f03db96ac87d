import { isMounted } from '../storage/mount-table.ts';
import { mountLocal, unmountLocal } from './local-mounts.ts';
import type { VolumeStore } from './volume-store.ts';
import { needsMount, type VolumeRecord } from './volume.ts';

/**
 * Volumes that are a mount (tmpfs, bind, nfs…) are mounted while a container has them. Plain ones are always there.
 * Not safe for concurrent calls: its owner has a lock.
 */
export class VolumeMounts {
  readonly #store: VolumeStore;
  /** Containers by volume; one that mounts it twice is there twice. */
  readonly #holders = new Map<string, string[]>();

  constructor(store: VolumeStore) {
    this.#store = store;
  }

  async mount(volume: VolumeRecord, containerId: string): Promise<string> {
    const target = this.#store.dataPath(volume.name);
    if (!needsMount(volume)) return target;
    // After a restart of the agent the mount is there although nobody has been counted yet.
    if (!(await isMounted(target))) {
      const { type = '', device = '', o: options = '' } = volume.options ?? {};
      await mountLocal({ type, device, options, target });
    }
    this.#holders.set(volume.name, [...(this.#holders.get(volume.name) ?? []), containerId]);
    return target;
  }

  async unmount(name: string, containerId: string): Promise<void> {
    const holders = this.#holders.get(name) ?? [];
    const index = holders.indexOf(containerId);
    if (index < 0) return;
    const rest = holders.toSpliced(index, 1);
    if (rest.length > 0) return void this.#holders.set(name, rest);
    await this.release(name);
  }

  /** Unmounts whoever has it: before the volume is removed. */
  async release(name: string): Promise<void> {
    this.#holders.delete(name);
    const volume = this.#store.get(name);
    if (volume && needsMount(volume)) await unmountLocal(this.#store.dataPath(name));
  }
}
