import { randomBytes } from 'node:crypto';
import { NotFoundError, SystemError } from '../api/errors.ts';
import type { ContentClient } from '../containerd/content.ts';
import type { DiffClient } from '../containerd/diff.ts';
import { AlreadyExistsError } from '../containerd/errors.ts';
import type { LeasesClient } from '../containerd/leases.ts';
import type { SnapshotsClient } from '../containerd/snapshots.ts';
import { chainIds } from './chain-id.ts';
import type { PlatformImage } from './manifests.ts';
import type { OciDescriptor } from './oci.ts';
import { SingleFlight } from './single-flight.ts';

export type UnpackStage = 'extracting' | 'done';

export interface UnpackOptions {
  leaseId: string;
  /** Looked at between layers; a layer that has begun is finished, for others may wait for it. */
  signal?: AbortSignal;
  /** Answered when the layer's content is here; at once if absent. */
  before?: (layer: OciDescriptor) => Promise<void>;
  onLayer?: (layer: OciDescriptor, stage: UnpackStage) => void;
}

export interface UnpackerBackend {
  content: Pick<ContentClient, 'setLabels'>;
  snapshots: SnapshotsClient;
  diff: DiffClient;
  leases: Pick<LeasesClient, 'addResource'>;
}

interface Layer {
  descriptor: OciDescriptor;
  diffId: string;
  chainId: string;
  parent: string;
}

/** Turns an image's layers into a chain of snapshots; one that is there already is not made again. */
export class Unpacker {
  readonly #content: Pick<ContentClient, 'setLabels'>;
  readonly #snapshots: SnapshotsClient;
  readonly #diff: DiffClient;
  readonly #leases: Pick<LeasesClient, 'addResource'>;
  readonly #flights = new SingleFlight<void>();

  constructor(containerd: UnpackerBackend) {
    this.#content = containerd.content;
    this.#snapshots = containerd.snapshots;
    this.#diff = containerd.diff;
    this.#leases = containerd.leases;
  }

  /** Afterwards garbage collection keeps the snapshots as long as the image's config. */
  async unpack(image: PlatformImage, options: UnpackOptions): Promise<void> {
    const layers = layersOf(image);
    for (const layer of layers) {
      options.signal?.throwIfAborted();
      await this.#lease(layer.chainId, options.leaseId);
      await options.before?.(layer.descriptor);
      await this.#flights.run(layer.chainId, () => this.#unpackLayer(layer, options));
      options.onLayer?.(layer.descriptor, 'done');
    }
    const top = layers.at(-1);
    if (!top) return;
    const label = `containerd.io/gc.ref.snapshot.${this.#snapshots.snapshotter}`;
    await this.#content.setLabels(image.manifest.config.digest, { [label]: top.chainId });
  }

  async #unpackLayer(layer: Layer, options: UnpackOptions): Promise<void> {
    const { leaseId } = options;
    if (await this.#exists(layer.chainId)) return;
    options.onLayer?.(layer.descriptor, 'extracting');
    const key = `extract-${randomBytes(8).toString('hex')} ${layer.chainId}`;
    const mounts = await this.#snapshots.prepare({ key, parent: layer.parent }, { leaseId });
    try {
      const applied = await this.#apply(layer, mounts, leaseId);
      if (applied.digest !== layer.diffId) {
        throw new SystemError(`wrong diff id calculated on extraction ${applied.digest}, expected ${layer.diffId}`);
      }
      await this.#commit(key, layer, leaseId);
    } catch (error) {
      await this.#discard(key);
      throw error;
    }
    await this.#content.setLabels(layer.descriptor.digest, { 'containerd.io/uncompressed': layer.diffId });
  }

  async #apply(
    { descriptor }: Layer,
    mounts: Parameters<DiffClient['apply']>[1],
    leaseId: string,
  ): ReturnType<DiffClient['apply']> {
    try {
      return await this.#diff.apply(toDescriptor(descriptor), mounts, { leaseId });
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      throw new SystemError(`failed to extract layer ${descriptor.digest}: ${error.message}`, { cause: error });
    }
  }

  async #commit(key: string, { chainId }: Layer, leaseId: string): Promise<void> {
    try {
      await this.#snapshots.commit({ key, name: chainId }, { leaseId });
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
      await this.#discard(key);
    }
  }

  async #discard(key: string): Promise<void> {
    try {
      await this.#snapshots.remove(key);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  /** Also for a snapshot that is still to come: finding it is no use if it is collected before it is used. */
  async #lease(chainId: string, leaseId: string): Promise<void> {
    await this.#leases.addResource(leaseId, { id: chainId, type: `snapshots/${this.#snapshots.snapshotter}` });
  }

  async #exists(chainId: string): Promise<boolean> {
    try {
      await this.#snapshots.stat(chainId);
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }
}

function layersOf({ manifest, config }: PlatformImage): Layer[] {
  const diffIds = config.rootfs?.diff_ids ?? [];
  if (diffIds.length !== manifest.layers.length) throw new SystemError('mismatched image rootfs and manifest layers');
  const chain = chainIds(diffIds);
  return manifest.layers.map((descriptor, index) => ({
    descriptor,
    diffId: diffIds[index] as string,
    chainId: chain[index] as string,
    parent: index === 0 ? '' : (chain[index - 1] as string),
  }));
}

const toDescriptor = ({ mediaType, digest, size }: OciDescriptor) => ({ mediaType, digest, size, annotations: {} });
