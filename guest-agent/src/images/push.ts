import { NotFoundError, SystemError, UnauthorizedError } from '../api/errors.ts';
import type { ContentClient } from '../containerd/content.ts';
import type { LeasesClient } from '../containerd/leases.ts';
import type { Blobs } from './blobs.ts';
import { descriptorJson } from './descriptor-view.ts';
import { exportTargets, isComplete, sendableTarget } from './export-targets.ts';
import type { ImageEvents } from './image-events.ts';
import { targetOf, type ImageRecord, type ImageStore } from './image-store.ts';
import { manifestsOf } from './manifests.ts';
import { isForeignLayer, isIndex, isLayer, isManifest, type OciDescriptor, type Platform } from './oci.ts';
import { plainMessage, type ProgressMessage } from './progress.ts';
import { PushProgress } from './push-progress.ts';
import { familiarName, familiarString, fullName, fullString, isNameOnly, type NamedReference } from './reference.ts';
import type { Repository } from './registry/client.ts';
import type { RegistryCredentials } from './registry/credentials.ts';
import { uploadBlob } from './registry/blob-upload.ts';
import { blobExists, putManifest, startUpload } from './registry/push-blob.ts';
import type { Registries } from './registry/registries.ts';
import { AccessDeniedError, NoCredentialsError, UnexpectedStatusError } from './registry/registry-errors.ts';
import type { Slots } from './slots.ts';
import { recordSource, repositoriesIn } from './source-label.ts';

export interface PushBackend {
  blobs: Blobs;
  content: Pick<ContentClient, 'info' | 'readLarge' | 'setLabels'>;
  leases: LeasesClient;
  store: ImageStore;
  events: ImageEvents;
  registries: Registries;
  /** Uploads at a time, all pushes together. */
  uploadSlots: Slots;
}

export interface PushOptions {
  /** Only this platform; absent: everything, or the one platform that is here. */
  platform?: Platform;
  credentials?: RegistryCredentials;
  write: (message: ProgressMessage | { aux: object }) => void;
  signal: AbortSignal;
}

interface Push extends PushOptions {
  reference: NamedReference;
  repository: Repository;
  progress: PushProgress;
}

/** POST /images/{name}/push: one tag, or every tag of a repository. */
export async function pushImage(backend: PushBackend, reference: NamedReference, options: PushOptions): Promise<void> {
  options.write(plainMessage(`The push refers to repository [${fullName(reference)}]`));
  if (!isNameOnly(reference)) return await pushOne(backend, reference, options);
  const targets = await exportTargets(backend.store, fullName(reference)).catch((error: unknown) => {
    if (!(error instanceof NotFoundError)) throw error;
    throw new SystemError(`An image does not exist locally with the tag: ${familiarName(reference)}`);
  });
  for (const target of targets) if (target.reference) await pushOne(backend, target.reference, options);
}

async function pushOne(backend: PushBackend, reference: NamedReference, options: PushOptions): Promise<void> {
  const image = await backend.store.find(fullString(reference));
  if (!image) throw new NotFoundError(`tag does not exist: ${familiarString(reference)}`);
  const repository = await backend.registries.open(reference, {
    credentials: options.credentials,
    actions: 'pull,push',
  });
  const target = await chooseTarget(backend.blobs, image, options.platform);
  using progress = new PushProgress(options.write);
  await using lease = await backend.leases.temporary();
  try {
    await pushTree(backend, { ...options, reference, repository, progress }, { target, leaseId: lease.leaseId });
  } catch (error) {
    options.signal.throwIfAborted();
    throw explainPushError(error);
  }
  if (target.digest !== targetOf(image).digest && !options.platform) options.write(insteadOfIndex(image, target));
  if (reference.tag !== undefined) {
    options.write(plainMessage(`${reference.tag}: digest: ${target.digest} size: ${target.size}`));
  }
  await backend.events.log('push', familiarString(reference), familiarName(reference));
}

/** An index of which not all is here is replaced by what is. */
async function chooseTarget(blobs: Blobs, image: ImageRecord, platform: Platform | undefined): Promise<OciDescriptor> {
  const target = targetOf(image);
  if (platform) return await sendableTarget(blobs, image, platform);
  if (!isIndex(target.mediaType)) return target;
  for (const manifest of await manifestsOf(blobs, target)) {
    if (!(await isComplete(blobs, manifest))) return await sendableTarget(blobs, image);
  }
  return target;
}

const insteadOfIndex = (image: ImageRecord, selected: OciDescriptor) => ({
  progressDetail: {},
  aux: {
    manifestPushedInsteadOfIndex: true,
    originalIndex: descriptorJson(targetOf(image)),
    selectedManifest: descriptorJson(selected),
  },
});

/** Blobs first, then the manifests from the leaves up: the registry refuses what refers to nothing. */
async function pushTree(
  backend: PushBackend,
  push: Push,
  { target, leaseId }: { target: OciDescriptor; leaseId: string },
): Promise<void> {
  const { blobs, content } = backend;
  const found = new Map<string, OciDescriptor>();
  for await (const descriptor of blobs.walkPresent(target)) found.set(descriptor.digest, descriptor);
  for (const digest of found.keys()) await blobs.pin(digest, leaseId);
  const manifests = [...found.values()].filter(({ mediaType }) => isManifest(mediaType) || isIndex(mediaType));
  const contents = [...found.values()].filter((descriptor) => !manifests.includes(descriptor));
  const wanted = contents.filter(({ mediaType }) => !isForeignLayer(mediaType));
  for (const layer of wanted) if (isLayer(layer.mediaType)) push.progress.add(layer);
  await allOrStop(wanted, push, (descriptor, stoppable) => pushBlob(backend, stoppable, descriptor));
  for (const descriptor of manifests.reverse()) {
    const { digest, mediaType } = descriptor;
    const isRoot = digest === target.digest;
    const name = isRoot ? (push.reference.tag ?? digest) : digest;
    const bytes = await blobs.readBytes(digest);
    await putManifest(push.repository, name, { mediaType, bytes, signal: push.signal });
  }
  for (const digest of found.keys()) await recordSource(content, digest, push.reference);
}

/** The first failure stops the others, and is told when all have ended. */
async function allOrStop(
  descriptors: OciDescriptor[],
  push: Push,
  work: (descriptor: OciDescriptor, push: Push) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const stoppable = { ...push, signal: AbortSignal.any([push.signal, stop.signal]) };
  const tasks = descriptors.map((descriptor) =>
    work(descriptor, stoppable).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(tasks);
  if (stop.signal.aborted) throw stop.signal.reason;
}

async function pushBlob(backend: PushBackend, push: Push, descriptor: OciDescriptor): Promise<void> {
  using _slot = await backend.uploadSlots.take(push.signal);
  const { repository, progress, signal, reference } = push;
  const { digest } = descriptor;
  if (await blobExists(repository, digest, signal)) return progress.finish(digest, 'Layer already exists');
  const { labels } = await backend.content.info(digest);
  const from = repositoriesIn(labels, reference).find((candidate) => candidate !== reference.path);
  const location = await startUpload(repository, { digest, from, signal });
  if (!location) return progress.finish(digest, `Mounted from ${from}`);
  progress.sent(digest, 0);
  const { content } = backend;
  await uploadBlob({
    ...{ repository, descriptor, location, signal },
    read: (range) => content.readLarge({ ...range, digest }, { signal }),
    onOffset: (bytes) => progress.sent(digest, bytes),
  });
  progress.finish(digest, 'Pushed');
}

function explainPushError(error: unknown): unknown {
  const denied = 'push access denied, repository does not exist or may require authorization';
  if (error instanceof NoCredentialsError) {
    return new UnauthorizedError(`${denied}: authorization failed: ${error.message}`, { cause: error });
  }
  if (error instanceof AccessDeniedError) {
    return new UnauthorizedError(`${denied}: server message: insufficient_scope: authorization failed`, {
      cause: error,
    });
  }
  if (error instanceof UnexpectedStatusError) return new SystemError(`unknown: ${error.message}`, { cause: error });
  return error;
}
