import type { ContainerConfig } from '../api/engine/container-config.ts';
import type { NetworkingConfig } from '../api/engine/endpoint.ts';
import type { HostConfig } from '../api/engine/host-config.ts';
import { NotFoundError } from '../api/index.ts';
import { Mutex } from '../concurrency/mutex.ts';
import { SharedLock } from '../concurrency/shared-lock.ts';
import type { ContainerPaths } from '../storage/data-root.ts';
import type { ContainerState } from './container-state.ts';
import type { Link } from './links/link.ts';
import type { OciUser } from './oci-spec/oci.ts';
import type { MountPoint } from './mount-point.ts';
import type { ProcessStreams } from './stdio/process-streams.ts';
import type { Task } from './task.ts';

/** Digest and platform of the manifest a container was made from. */
export interface ManifestDescriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
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
  readonly imageManifest: ManifestDescriptor | null;
  readonly platform: string;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly networking: NetworkingConfig;
  readonly mounts: readonly MountPoint[];
  /** Legacy links; absent in records that are older than these. */
  readonly links?: readonly Link[];
  /** Volumes made for this container alone; `rm -v` takes them along. */
  readonly anonymousVolumes: readonly string[];
}

/** What a container is told to save; the store writes it to disk. */
export interface ContainerPersistence {
  saveRecord(record: ContainerRecord): void;
  saveState(id: string, state: ContainerState): void;
  /** A state that is true all the same could not be written. */
  reportUnsaved(id: string, error: unknown): void;
}

type StateListener = (state: ContainerState) => void;

/**
 * One container: an immutable record beside a mutable state. Everything that changes either holds `lock`; readers
 * need none. The new value is on disk before it can be seen.
 */
export class Container {
  readonly lock = new Mutex();
  /** Held alone to freeze it, shared to start an exec: an exec frozen half-way into the container blocks its shim. */
  readonly freezing = new SharedLock();
  readonly paths: ContainerPaths;
  /** Exec instances that have not been forgotten yet. */
  readonly execIds = new Set<string>();
  /** Who the first process runs as, resolved at start; null: an earlier agent has started it. */
  user: OciUser | null = null;
  /** Delay before the last restart by policy; 0 when there was none. */
  restartDelayMs = 0;
  /** Stops the timer of a pending restart. */
  cancelRestart: () => void = () => undefined;
  /** How many `docker restart`s have the container between two runs. */
  restarts = 0;
  /** While somebody removes it. */
  removing = false;
  /** Settles when the container is gone. */
  readonly removed: Promise<void>;
  /** Called once, by the removal. */
  readonly markRemoved: () => void;
  #record: ContainerRecord;
  #state: ContainerState;
  readonly #persistence: ContainerPersistence;
  readonly #listeners = new Set<StateListener>();
  readonly #removedListeners = new Set<() => void>();
  readonly #awaitingStreams = new Set<(streams: ProcessStreams) => void>();
  #task: Task | null = null;

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
    const { promise, resolve } = Promise.withResolvers<void>();
    this.removed = promise;
    this.markRemoved = () => {
      resolve();
      for (const listener of [...this.#removedListeners]) listener();
      this.#removedListeners.clear();
    };
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

  /** The running process and its streams; null while there is none. */
  get task(): Task | null {
    return this.#task;
  }
  set task(task: Task | null) {
    this.#task = task;
  }

  /** Streams of a process that is about to start, before it has written anything: attached clients miss nothing. */
  announceStreams(streams: ProcessStreams): void {
    for (const resolve of this.#awaitingStreams) resolve(streams);
    this.#awaitingStreams.clear();
  }

  /** Streams of the next start. Rejects with the signal's reason, or when the container is removed instead. */
  nextStreams(signal: AbortSignal): Promise<ProcessStreams> {
    const { promise, resolve, reject } = Promise.withResolvers<ProcessStreams>();
    const onAbort = () => reject(signal.reason as Error);
    signal.throwIfAborted();
    this.#awaitingStreams.add(resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    const forget = this.onRemoved(() => reject(new NotFoundError(`No such container: ${this.id}`)));
    return promise.finally(() => {
      forget();
      this.#awaitingStreams.delete(resolve);
      signal.removeEventListener('abort', onAbort);
    });
  }

  /** A change that somebody asked for: refused when it cannot be written. */
  update(change: (old: ContainerState) => ContainerState): void {
    const next = change(this.#state);
    this.#persistence.saveState(this.id, next);
    this.#show(next);
  }

  /** What has happened already, written or not: a full disk neither keeps a process alive nor a container from going. */
  note(change: (old: ContainerState) => ContainerState): void {
    const next = change(this.#state);
    try {
      this.#persistence.saveState(this.id, next);
    } catch (error) {
      this.#persistence.reportUnsaved(this.id, error);
    }
    this.#show(next);
  }

  #show(next: ContainerState): void {
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

  /** Called once, when the container is gone; unlike `removed`, the answer takes the listener off again. */
  onRemoved(listener: () => void): () => void {
    this.#removedListeners.add(listener);
    return () => this.#removedListeners.delete(listener);
  }
}
