import { NotFoundError } from '../api/errors.ts';
import type { ContentClient } from '../containerd/content.ts';
import type { Blobs } from './blobs.ts';
import type { Downloads } from './downloads.ts';
import type { ImageEvents } from './image-events.ts';
import type { KeptPulls } from './kept-pulls.ts';
import { idOf, type ImageRecord, type ImageStore } from './image-store.ts';
import { readManifest, readPlatformImage } from './manifests.ts';
import { descriptorsIn, isIndex, type OciDescriptor, type OciIndex, type Platform } from './oci.ts';
import { formatPlatform, hostPlatform, platformDistance } from './platform.ts';
import { plainMessage, type ProgressMessage } from './progress.ts';
import { PullProgress } from './pull-progress.ts';
import { explainPullError, explainTagsError } from './pull-errors.ts';
import { familiarName, familiarString, fullString, withTag, isNameOnly, type NamedReference } from './reference.ts';
import type { PullSource } from './registry/mirrored-source.ts';
import type { RegistryCredentials } from './registry/credentials.ts';
import type { Registries } from './registry/registries.ts';
import { recordSource, sourceLabel } from './source-label.ts';
import type { Unpacker } from './unpacker.ts';

export interface PullBackend {
  blobs: Blobs;
  content: Pick<ContentClient, 'info' | 'setLabels'>;
  kept: KeptPulls;
  store: ImageStore;
  unpacker: Unpacker;
  events: ImageEvents;
  downloads: Downloads;
  registries: Registries;
}

export interface PullOptions {
  /** Absent: the machine's own, or what runs there. */
  platform?: Platform;
  credentials?: RegistryCredentials;
  write: (message: ProgressMessage) => void;
  /** Stops the pull; what was fetched is kept for the next one. */
  signal: AbortSignal;
}

interface Pull extends PullOptions {
  reference: NamedReference;
  repository: PullSource;
  leaseId: string;
}

/** POST /images/create?fromImage: one tag or digest, or every tag of a repository where there is neither. */
export async function pullImage(backend: PullBackend, reference: NamedReference, options: PullOptions): Promise<void> {
  if (!isNameOnly(reference)) return await pullOne(backend, reference, options);
  const repository = await backend.registries.openSource(reference, options);
  const tags = await repository.tags(options.signal).catch((error: unknown) => {
    throw explainTagsError(error, reference);
  });
  for (const tag of tags) {
    await pullOne(backend, withTag(reference, tag), options);
  }
}

async function findByDigest(store: ImageStore, name: string): Promise<ImageRecord | undefined> {
  try {
    return await store.resolve(name);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

async function pullOne(backend: PullBackend, reference: NamedReference, options: PullOptions): Promise<void> {
  const repository = await backend.registries.openSource(reference, options);
  await using lease = await backend.kept.start();
  try {
    await pullUnderLease(backend, { ...options, reference, repository, leaseId: lease.leaseId });
  } catch (error) {
    if (options.signal.aborted) lease.keep();
    options.signal.throwIfAborted();
    throw explainPullError(error, reference);
  }
}

async function pullUnderLease(backend: PullBackend, pull: Pull): Promise<void> {
  const { store, events, blobs, content } = backend;
  const { reference, repository, write } = pull;
  const name = fullString(reference);
  // A digest may be here under another tag.
  const before = reference.digest === undefined ? await store.find(name) : await findByDigest(store, name);
  const target = await repository.resolve(reference.digest ?? reference.tag ?? '', pull.signal);
  const variant = await fetchManifests(backend, pull, target);
  write(plainMessage(`Pulling from ${reference.path}`, reference.tag ?? name));
  await fetchContent(backend, pull, variant);
  await blobs.labelChildren(variant);
  for (const descriptor of [target, variant, ...(await blobs.children(variant))]) {
    await recordSource(content, descriptor.digest, reference);
  }
  if (variant !== target) await blobs.labelChildren(target);
  const { mediaType, digest, size } = target;
  await store.createOrReplace({ name, target: { mediaType, digest, size, annotations: {} } });
  await events.log('pull', familiarString(reference), familiarName(reference));
  write(plainMessage(`Digest: ${digest}`));
  const isNew = !before || idOf(before) !== digest;
  const outcome = isNew ? 'Downloaded newer image for' : 'Image is up to date for';
  write(plainMessage(`Status: ${outcome} ${familiarString(reference)}`));
}

/** Gets the target and, of an index, the manifest to use; answers the latter. */
async function fetchManifests(backend: PullBackend, pull: Pull, target: OciDescriptor): Promise<OciDescriptor> {
  await fetchManifest(backend, pull, target);
  if (!isIndex(target.mediaType)) return target;
  const manifests = descriptorsIn((await backend.blobs.readJson<Partial<OciIndex>>(target)).manifests);
  const wanted = pull.platform ?? hostPlatform;
  const ranked = manifests
    .map((descriptor) => ({ descriptor, distance: platformDistance(wanted, descriptor.platform ?? wanted) }))
    .filter(({ distance }) => distance < Infinity)
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  if (!best) {
    throw new NotFoundError(
      `no matching manifest for ${formatPlatform(wanted)} in the manifest list entries: no match for platform in manifest: not found`,
    );
  }
  await fetchManifest(backend, pull, best.descriptor);
  return best.descriptor;
}

async function fetchManifest({ blobs }: PullBackend, pull: Pull, descriptor: OciDescriptor): Promise<void> {
  const { leaseId, repository, reference, signal } = pull;
  await blobs.pin(descriptor.digest, leaseId);
  if (await blobs.has(descriptor.digest)) return;
  const bytes = await repository.manifest(descriptor, signal);
  await blobs.writeBytes(bytes, { mediaType: descriptor.mediaType, leaseId, labels: sourceLabel(reference) });
}

/** Config and layers, all at once as far as there are slots, and each layer unpacked behind its predecessor. */
async function fetchContent(backend: PullBackend, pull: Pull, variant: OciDescriptor): Promise<void> {
  const { blobs, unpacker } = backend;
  const manifest = await readManifest(blobs, variant);
  const layers = uniqueByDigest(manifest.layers);
  if (await hasAll(blobs, [manifest.config, ...layers], pull.leaseId)) {
    return await unpacker.unpack(await readPlatformImage(blobs, variant), pull);
  }
  using progress = new PullProgress(pull.write);
  const stop = new AbortController();
  const signal = AbortSignal.any([pull.signal, stop.signal]);
  for (const layer of layers) progress.announce(layer);
  const fetching = new Map(
    [manifest.config, ...layers].map((descriptor) => [
      descriptor.digest,
      startFetch(backend, { ...pull, signal }, descriptor),
    ]),
  );
  const followed = new Map(
    layers.map((layer) => [layer.digest, progress.follow(layer, fetching.get(layer.digest)!)] as const),
  );
  const unpacking = unpackBehind();
  try {
    await Promise.all([...followed.values(), fetching.get(manifest.config.digest)!.finished, unpacking]);
  } catch (error) {
    stop.abort(error);
    // A layer that is still being unpacked has to be done with before the lease goes, or nobody collects it.
    await Promise.allSettled([...followed.values(), unpacking]);
    throw error;
  }

  async function unpackBehind(): Promise<void> {
    await fetching.get(manifest.config.digest)!.finished;
    const image = await readPlatformImage(blobs, variant);
    await unpacker.unpack(image, {
      leaseId: pull.leaseId,
      signal,
      before: (layer) => followed.get(layer.digest) ?? Promise.resolve(),
      onLayer: (layer, stage) => progress.unpacking(layer, stage),
    });
  }
}

function startFetch({ downloads }: PullBackend, pull: Pull, descriptor: OciDescriptor) {
  const { repository, leaseId, signal, reference } = pull;
  return downloads.fetch({ repository, descriptor, leaseId, signal, labels: sourceLabel(reference) });
}

/** Pins everything, whether it is here already or still to come. */
async function hasAll(blobs: Blobs, descriptors: OciDescriptor[], leaseId: string): Promise<boolean> {
  let all = true;
  for (const { digest } of descriptors) {
    await blobs.pin(digest, leaseId);
    all &&= await blobs.has(digest);
  }
  return all;
}

const uniqueByDigest = (descriptors: OciDescriptor[]): OciDescriptor[] => [
  ...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values(),
];
