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
import { copyMapped } from './copy-mapped.ts';
import type { IdMapping } from '../userns/id-mapping.ts';
import type { Unpacker } from './unpacker.ts';

export interface RootfsBackend {
  snapshots: SnapshotsClient;
  leases: LeasesClient;
  content: Pick<ContentClient, 'setLabels'>;
  unpacker: Unpacker;
  collector: Collector;
  /** Whose ids the files are to have; null: those of the image. */
  identity: IdMapping | null;
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
    const parent = this.#parentOf(image);
    try {
      return await this.#prepare(containerId, parent);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    await using lease = await this.#backend.leases.temporary();
    await this.#flights.run(parent, () => this.#createParent(image, lease.leaseId));
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

  #parentOf(image: ResolvedImage | null): string {
    const { identity } = this.#backend;
    return identity ? mappedLayerOf(image, identity) : initLayerOf(image);
  }

  async #createParent(image: ResolvedImage | null, leaseId: string): Promise<void> {
    const { identity } = this.#backend;
    if (!identity) await this.#createInitLayer(image, leaseId);
    else await this.#createMappedLayer(image, identity, leaseId);
    await this.#keepWith(image, this.#parentOf(image));
  }

  /** A copy of all files for other ids, made once for all containers of the image. */
  async #createMappedLayer(image: ResolvedImage | null, identity: IdMapping, leaseId: string): Promise<void> {
    const { snapshots } = this.#backend;
    await this.#createInitLayer(image, leaseId);
    const view = `map-${randomBytes(8).toString('hex')}`;
    const from = await snapshots.view({ key: view, parent: initLayerOf(image) }, { leaseId });
    try {
      await this.#commitLayer({ name: mappedLayerOf(image, identity), parent: '', leaseId }, (to) =>
        copyMapped({ from, to, identity }),
      );
    } finally {
      await snapshots.remove(view);
    }
  }

  async #createInitLayer(image: ResolvedImage | null, leaseId: string): Promise<void> {
    const { unpacker } = this.#backend;
    if (image) await unpacker.unpack(image.variant, { leaseId });
    await this.#commitLayer({ name: initLayerOf(image), parent: image?.chainId ?? '', leaseId }, writeInitLayer);
  }

  /** Fine when it is there already. */
  async #commitLayer(
    { name, parent, leaseId }: { name: string; parent: string; leaseId: string },
    write: (mounts: Mount[]) => Promise<void>,
  ): Promise<void> {
    const { snapshots } = this.#backend;
    const key = `init-${randomBytes(8).toString('hex')}`;
    const mounts = await snapshots.prepare({ key, parent }, { leaseId });
    try {
      await write(mounts);
      await snapshots.commit({ key, name }, { leaseId });
    } catch (error) {
      await snapshots.remove(key);
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
  }

  /** From now on the layer stays as long as the image does. */
  async #keepWith(image: ResolvedImage | null, layer: string): Promise<void> {
    const { snapshots, content } = this.#backend;
    if (!image) return await snapshots.setLabels(layer, { 'containerd.io/gc.root': 'scratch' });
    const label = `containerd.io/gc.ref.snapshot.${snapshots.snapshotter}/berth-init`;
    await content.setLabels(image.variant.manifest.config.digest, { [label]: layer });
  }
}

/** The number changes with what {@link writeInitLayer} writes. */
const initLayerOf = (image: ResolvedImage | null): string => `berth-init-1:${image?.chainId || 'scratch'}`;

const mappedLayerOf = (image: ResolvedImage | null, { fingerprint }: IdMapping): string =>
  `${initLayerOf(image)}:${fingerprint}`;
