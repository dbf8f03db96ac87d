import { ConflictError } from '../api/errors.ts';
import { idOf, noSuchImage, referenceOf, targetOf, type ImageRecord, type ImageStore } from './image-store.ts';
import type { Blobs } from './blobs.ts';
import { isAttestation, manifestsOf, platformMissing, rank, readPlatformImage } from './manifests.ts';
import type { OciDescriptor, OciManifest, Platform } from './oci.ts';
import { formatPlatform, hostPlatform, platformDistance } from './platform.ts';
import { fullName, isNameOnly, parseNamed, shortIdOf, type NamedReference } from './reference.ts';
import { familiarNameOf } from './image-store.ts';

/** An image to be written to an archive; one that was asked for by id goes without its names. */
export interface ExportTarget {
  image: ImageRecord;
  reference: NamedReference | undefined;
}

/** What `docker save NAME` means: an id or digest, one name, or every tag of a repository. */
export async function exportTargets(store: ImageStore, name: string): Promise<ExportTarget[]> {
  const image = await store.resolve(name).catch((error: unknown) => error as Error);
  if (!(image instanceof Error) && (isIdOf(image, name) || name.includes('@'))) {
    return [{ image, reference: undefined }];
  }
  const reference = namedOrThrow(name, image);
  if (isNameOnly(reference)) return await wholeRepository(store, reference);
  if (image instanceof Error) throw image;
  return [{ image, reference }];
}

/** What is no name at all fails as what it was looked up as. */
function namedOrThrow(name: string, found: unknown): NamedReference {
  try {
    return parseNamed(name);
  } catch (error) {
    throw found instanceof Error ? found : error;
  }
}

function isIdOf(image: ImageRecord, name: string): boolean {
  const hex = shortIdOf(name);
  return hex !== undefined && idOf(image).startsWith(`sha256:${hex}`);
}

async function wholeRepository(store: ImageStore, wanted: NamedReference): Promise<ExportTarget[]> {
  const targets: ExportTarget[] = [];
  for (const image of await store.list()) {
    const reference = referenceOf(image);
    if (reference?.tag === undefined || reference.digest !== undefined) continue;
    if (fullName(reference) === fullName(wanted)) targets.push({ image, reference });
  }
  if (targets.length === 0) throw noSuchImage(wanted);
  return targets;
}

/**
 * What of an image can be sent elsewhere: all of it, or the one platform that was asked for or is the only one here.
 * Rejects with Docker's texts when that is not there or not clear.
 */
export async function sendableTarget(blobs: Blobs, image: ImageRecord, platform?: Platform): Promise<OciDescriptor> {
  const complete: Array<{ descriptor: OciDescriptor; rank: number; platform: Platform }> = [];
  let anyMissing = false;
  for (const descriptor of await manifestsOf(blobs, targetOf(image))) {
    if (!(await isComplete(blobs, descriptor))) anyMissing = true;
    else if (!isAttestation(descriptor)) {
      const { platform: offered } = await readPlatformImage(blobs, descriptor);
      const offeredRank = rank(offered, platform);
      if (offeredRank < Infinity) complete.push({ descriptor, rank: offeredRank, platform: offered });
    }
  }
  const [best, ...others] = complete.sort((a, b) => a.rank - b.rank);
  if (!best) throw platformMissing(familiarNameOf(image), platform);
  if (!platform && !anyMissing) return targetOf(image);
  if (others.length === 0) return best.descriptor;
  if (platform) throw new ConflictError(`multiple manifests found for platform ${formatPlatform(platform)}`);
  if (platformDistance(hostPlatform, best.platform) < Infinity) return best.descriptor;
  throw new ConflictError('multiple matching manifests found but no specific platform requested');
}

export async function isComplete(blobs: Blobs, descriptor: OciDescriptor): Promise<boolean> {
  if (!(await blobs.has(descriptor.digest))) return false;
  const { config, layers } = await blobs.readJson<OciManifest>(descriptor);
  for (const { digest } of [config, ...layers]) if (!(await blobs.has(digest))) return false;
  return true;
}
