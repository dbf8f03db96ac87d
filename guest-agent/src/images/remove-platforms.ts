import type { ImageDeleteEntry } from '../api/engine/image.ts';
import { InvalidParameterError, NotFoundError } from '../api/errors.ts';
import type { ContentClient } from '../containerd/content.ts';
import type { Blobs } from './blobs.ts';
import { familiarNameOf, idOf, type ImageRecord, type ImageStore } from './image-store.ts';
import { bestPresent, platformMissing } from './manifests.ts';
import { isIndex, isManifest, type OciDescriptor, type Platform } from './oci.ts';
import { formatPlatform } from './platform.ts';

export interface RemovePlatformsBackend {
  blobs: Blobs;
  store: ImageStore;
  content: Pick<ContentClient, 'delete'>;
}

/** Removes the content of single platforms; the image keeps its names and its other platforms. */
export async function removePlatforms(
  { blobs, store, content }: RemovePlatformsBackend,
  name: string,
  { platforms, force }: { platforms: Platform[]; force: boolean },
): Promise<ImageDeleteEntry[]> {
  if (!force) {
    throw new InvalidParameterError(
      'Content will be removed from all images referencing this variant. Use —-force to force delete.',
    );
  }
  const image = await store.resolve(name);
  const entries: ImageDeleteEntry[] = [];
  for (const platform of platforms) {
    const { descriptor } = await bestPresent(blobs, image, platform).catch((error: unknown) => {
      throw notRemoved(error, image, platform);
    });
    const doomed: OciDescriptor[] = [];
    for await (const found of blobs.walkPresent(descriptor)) doomed.push(found);
    for (const { digest, mediaType } of doomed) {
      if (!(await deleted(content, digest))) continue;
      if (isManifest(mediaType) || isIndex(mediaType)) entries.push({ Deleted: digest });
    }
  }
  return entries;
}

/** dockerd forgets here which platform it looked for. */
function notRemoved(error: unknown, image: ImageRecord, platform: Platform): unknown {
  if (!(error instanceof NotFoundError)) return error;
  const reason = platformMissing(familiarNameOf(image)).message;
  const text = `failed to delete platform ${formatPlatform(platform)} for image ${idOf(image)}: ${reason}`;
  return new NotFoundError(text, { cause: error });
}

async function deleted(content: Pick<ContentClient, 'delete'>, digest: string): Promise<boolean> {
  try {
    await content.delete(digest);
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}
