import type { Readable } from 'node:stream';
import { NotFoundError, SystemError } from '../api/errors.ts';
import type { LeasesClient } from '../containerd/leases.ts';
import { imagesOf, type ArchiveImage } from './archive-images.ts';
import { readArchive } from './archive-reader.ts';
import type { Blobs, ContentStore } from './blobs.ts';
import { decompress } from './decompress.ts';
import type { ImageEvents } from './image-events.ts';
import { danglingName, type ImageStore } from './image-store.ts';
import { isAttestation, manifestsOf, readPlatformImage, type PlatformImage } from './manifests.ts';
import type { OciDescriptor, Platform } from './oci.ts';
import { formatPlatform, hostPlatform, platformDistance, samePlatform } from './platform.ts';
import { familiarString, parseNamed } from './reference.ts';
import type { Unpacker } from './unpacker.ts';

export interface LoadBackend {
  blobs: Blobs;
  content: ContentStore;
  leases: LeasesClient;
  store: ImageStore;
  unpacker: Unpacker;
  events: ImageEvents;
}

export interface LoadOptions {
  /** Only this platform of each image; absent: all that the archive has. */
  platform?: Platform;
  signal?: AbortSignal;
  write: (message: { stream: string }) => void;
}

/** `docker load`: an archive of any age, compressed or not, becomes images. */
export async function loadImages(backend: LoadBackend, source: Readable, options: LoadOptions): Promise<void> {
  const { blobs, content, leases, store } = backend;
  await using lease = await leases.temporary();
  const { leaseId } = lease;
  const archive = await readArchive(await decompress(source), { content, leaseId, signal: options.signal });
  const images = await imagesOf(archive, { blobs, content, leaseId });
  if (images.length === 0) throw new SystemError('image might be filtered out');
  for (const image of images) await labelTree(blobs, image.target);
  for (const { name, target } of images) {
    await store.createOrReplace({ name: name ?? danglingName(target.digest), target: recordTarget(target) });
  }
  if (options.platform) await requirePlatform(blobs, images, options.platform);
  for (const image of images) await unpackAndReport(backend, image, { ...options, leaseId });
}

const recordTarget = ({ mediaType, digest, size, annotations }: OciDescriptor) => ({
  mediaType,
  digest,
  size,
  annotations: annotations ?? {},
});

/** Parents after children, so that nothing is ever kept that points at nothing. */
async function labelTree(blobs: Blobs, root: OciDescriptor): Promise<void> {
  const present: OciDescriptor[] = [];
  for await (const descriptor of blobs.walkPresent(root)) present.push(descriptor);
  for (const descriptor of present.reverse()) await blobs.labelChildren(descriptor);
}

async function unpackAndReport(
  backend: LoadBackend,
  image: ArchiveImage,
  options: LoadOptions & { leaseId: string },
): Promise<void> {
  const { name, target } = image;
  const shown = shownName(image);
  let problem: unknown;
  try {
    await unpackVariants(backend, target, options);
  } catch (error) {
    problem = error;
  }
  options.write({ stream: `${name === undefined ? 'Loaded image ID' : 'Loaded image'}: ${shown}\n` });
  await backend.events.log('load', target.digest, target.digest);
  if (problem instanceof Error) {
    options.write({ stream: `Error unpacking image ${shown}: ${problem.message}\n` });
  }
}

async function unpackVariants(
  { blobs, unpacker }: LoadBackend,
  target: OciDescriptor,
  { platform, leaseId }: LoadOptions & { leaseId: string },
): Promise<void> {
  for (const descriptor of await manifestsOf(blobs, target)) {
    const variant = await variantIfPresent(blobs, descriptor);
    if (!variant) continue;
    const wanted = platform
      ? samePlatform(platform, variant.platform)
      : platformDistance(hostPlatform, variant.platform) < Infinity;
    if (wanted) await unpacker.unpack(variant, { leaseId });
  }
}

async function variantIfPresent(blobs: Blobs, descriptor: OciDescriptor): Promise<PlatformImage | undefined> {
  if (isAttestation(descriptor) || !(await blobs.has(descriptor.digest))) return undefined;
  const variant = await readPlatformImage(blobs, descriptor);
  for (const layer of variant.manifest.layers) if (!(await blobs.has(layer.digest))) return undefined;
  return variant;
}

/** What was loaded stays, with an error that names those that lack the platform. */
async function requirePlatform(blobs: Blobs, images: ArchiveImage[], platform: Platform): Promise<void> {
  const lacking: string[] = [];
  for (const image of images) if (!(await provides(blobs, image, platform))) lacking.push(shownName(image));
  if (lacking.length === 0) return;
  const what =
    lacking.length === 1
      ? `image ${lacking[0]} was loaded, but doesn't`
      : `images [${lacking.join(', ')}] were loaded, but don't`;
  throw new NotFoundError(`${what} provide the requested platform (${formatPlatform(platform)})`);
}

async function provides(blobs: Blobs, { target }: ArchiveImage, platform: Platform): Promise<boolean> {
  for (const descriptor of await manifestsOf(blobs, target)) {
    const variant = await variantIfPresent(blobs, descriptor);
    if (variant && samePlatform(platform, variant.platform)) return true;
  }
  return false;
}

const shownName = ({ name, target }: ArchiveImage): string =>
  name === undefined ? target.digest : familiarString(parseNamed(name));
