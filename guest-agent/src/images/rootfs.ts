import { randomBytes } from 'node:crypto';
import { NotFoundError } from '../api/errors.ts';
import type { ContentClient } from '../containerd/content.ts';
import { AlreadyExistsError } from '../containerd/errors.ts';
import type { LeasesClient } from '../containerd/leases.ts';
import type { Mount, SnapshotsClient } from '../containerd/snapshots.ts';
import type { Collector } from './collector.ts';
import { writeInitLayer } from './init-layer.ts';
import { openParentView, type ParentView } from './parent-view.ts';
import type { ResolvedImage } from './resolve.ts';
import { SingleFlight } from './single-flight.ts';
import type { Unpacker } from './unpacker.ts';

export interface RootfsBackend {
  snapshots: SnapshotsClient;
  leases: LeasesClient;
  content: Pick<ContentClient, 'setLabels'>;
  unpacker: Unpacker;
  collector: Collector;
}

/** Marks the snapshots of containers, for {@link Rootfs.list}. */
const containerLabel = 'berth.container';

/**
 * Writable file systems of containers: one snapshot each, named as the container, on a small layer that all
 * containers of an image share (Docker's own files), on the image's layers. A container's snapshot is a root for
 * garbage collection, so all of it stays until {@link Rootfs.remove}, also when the image is removed.
 */
export class Rootfs {
  readonly #backend: RootfsBackend;
  readonly #flights = new SingleFlight<void>();

  constructor(backend: RootfsBackend) {
    this.#backend = backend;
  }

  /** Makes the container's file system and answers what to mount; null: an empty one. ConflictError when it has one. */
  async create(containerId: string, image: ResolvedImage | null): Promise<Mount[]> {
    const parent = initLayerOf(image);
    try {
      return await this.#prepare(containerId, parent);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    await using lease = await this.#backend.leases.temporary();
    await this.#flights.run(parent, () => this.#createInitLayer(image, lease.leaseId));
    return await this.#prepare(containerId, parent);
  }

  /** The image's files for a container to look at, under a key of its own; {@link remove} takes it away. */
  async createView(key: string, image: ResolvedImage): Promise<Mount[]> {
    const labels = { 'containerd.io/gc.root': 'container', [containerLabel]: key };
    await using lease = await this.#backend.leases.temporary();
    await this.#backend.unpacker.unpack(image.variant, { leaseId: lease.leaseId });
    return await this.#backend.snapshots.view({ key, parent: image.chainId, labels });
  }

  /** NotFoundError when the container has none. */
  mounts(containerId: string): Promise<Mount[]> {
    return this.#backend.snapshots.mounts(containerId);
  }

  /** What the container's file system was before the container wrote to it. */
  parentView(containerId: string): Promise<ParentView> {
    return openParentView(this.#backend, containerId);
  }

  /** Bytes and inodes that the container has written. */
  usage(containerId: string): Promise<{ size: number; inodes: number }> {
    return this.#backend.snapshots.usage(containerId);
  }

  /** Bytes of the file system that the container sees, its image's layers included. */
  async totalSize(containerId: string): Promise<number> {
    let size = 0;
    for (let key = containerId; key !== '';) {
      size += (await this.#backend.snapshots.usage(key)).size;
      key = (await this.#backend.snapshots.stat(key)).parent;
    }
    return size;
  }

  /** Fine when there is none. It must not be mounted any more. The disk is given back soon after. */
  async remove(containerId: string): Promise<void> {
    try {
      await this.#backend.snapshots.remove(containerId);
    } catch (error) {
      if (error instanceof NotFoundError) return;
      throw error;
    }
    this.#backend.collector.collectSoon();
  }

  /** Containers that have a file system, to find those that a crash left behind. */
  async list(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { name } of this.#backend.snapshots.list([`labels."${containerLabel}"`])) keys.push(name);
    return keys;
  }

  #prepare(containerId: string, parent: string): Promise<Mount[]> {
    const labels = { 'containerd.io/gc.root': 'container', [containerLabel]: containerId };
    return this.#backend.snapshots.prepare({ key: containerId, parent, labels });
  }

  async #createInitLayer(image: ResolvedImage | null, leaseId: string): Promise<void> {
    const { snapshots, content, unpacker } = this.#backend;
    if (image) await unpacker.unpack(image.variant, { leaseId });
    const key = `init-${randomBytes(8).toString('hex')}`;
    const mounts = await snapshots.prepare({ key, parent: image?.chainId ?? '' }, { leaseId });
    try {
      await writeInitLayer(mounts);
      await snapshots.commit({ key, name: initLayerOf(image) }, { leaseId });
    } catch (error) {
      await snapshots.remove(key);
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
    if (!image) return await snapshots.setLabels(initLayerOf(null), { 'containerd.io/gc.root': 'scratch' });
    const label = `containerd.io/gc.ref.snapshot.${snapshots.snapshotter}/berth-init`;
    await content.setLabels(image.variant.manifest.config.digest, { [label]: initLayerOf(image) });
  }
}

/** The number changes with what {@link writeInitLayer} writes. */
const initLayerOf = (image: ResolvedImage | null): string => `berth-init-1:${image?.chainId || 'scratch'}`;
