import type { ContainerConfig } from '../api/engine/container-config.ts';
import type { NetworkingConfig } from '../api/engine/endpoint.ts';
import type { HostConfig } from '../api/engine/host-config.ts';
import { Mutex } from '../concurrency/mutex.ts';
import type { ContainerPaths } from '../storage/data-root.ts';
import type { ContainerState } from './container-state.ts';
import type { MountPoint } from './mount-point.ts';
import type { Task } from './task.ts';

/** Digest and platform of the manifest a container was made from. */
export interface ManifestDescriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { architecture: string; os: string; variant?: string };
}

/** What a container is. Never changed in place: rename and update put a new record in its stead. */
export interface ContainerRecord {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly created: string;
  readonly path: string;
  readonly args: readonly string[];
  /** Image as the user named it is config.Image; this is what it meant then. */
  readonly imageId: string;
  readonly imageChainId: string;
  readonly imageManifest: ManifestDescriptor | null;
  readonly platform: string;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly networking: NetworkingConfig;
  readonly mounts: readonly MountPoint[];
  /** Volumes made for this container alone; `rm -v` takes them along. */
  readonly anonymousVolumes: readonly string[];
}

/** What a container is told to save; the store writes it to disk. */
export interface ContainerPersistence {
  saveRecord(record: ContainerRecord): void;
  saveState(id: string, state: ContainerState): void;
}

type StateListener = (state: ContainerState) => void;

/**
 * One container: an immutable record beside a mutable state. Everything that changes either holds `lock`; readers
 * need none. The new value is on disk before it can be seen.
 */
export class Container {
  readonly lock = new Mutex();
  readonly paths: ContainerPaths;
  /** The running process and its streams; null while there is none. */
  task: Task | null = null;
  /** Exec instances that have not been forgotten yet. */
  readonly execIds = new Set<string>();
  #record: ContainerRecord;
  #state: ContainerState;
  readonly #persistence: ContainerPersistence;
  readonly #listeners = new Set<StateListener>();

  constructor(options: {
    record: ContainerRecord;
    state: ContainerState;
    paths: ContainerPaths;
    persistence: ContainerPersistence;
  }) {
    this.#record = options.record;
    this.#state = options.state;
    this.paths = options.paths;
    this.#persistence = options.persistence;
  }

  get id(): string {
    return this.#record.id;
  }
  get name(): string {
    return this.#record.name;
  }
  get record(): ContainerRecord {
    return this.#record;
  }
  get state(): ContainerState {
    return this.#state;
  }

  update(change: (old: ContainerState) => ContainerState): void {
    const next = change(this.#state);
    this.#persistence.saveState(this.id, next);
    this.#state = next;
    for (const listener of [...this.#listeners]) listener(next);
  }

  replaceRecord(record: ContainerRecord): void {
    this.#persistence.saveRecord(record);
    this.#record = record;
  }

  /** Called with every state from now on, after it was saved. The answer takes the listener off again. */
  onState(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
