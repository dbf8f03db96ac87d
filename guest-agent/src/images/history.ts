import type { ImageHistoryEntry } from '../api/engine/image.ts';
import { SystemError } from '../api/errors.ts';
import type { SnapshotsClient } from '../containerd/snapshots.ts';
import type { Blobs } from './blobs.ts';
import { chainIds } from './chain-id.ts';
import { idOf, isDangling, referenceOf, type ImageRecord, type ImageStore } from './image-store.ts';
import { parentLabel } from './list.ts';
import { bestPresent } from './manifests.ts';
import type { Platform } from './oci.ts';
import { familiarString } from './reference.ts';
import { liveStock } from './stock.ts';

export interface HistoryBackend {
  blobs: Blobs;
  store: ImageStore;
  snapshots: SnapshotsClient;
}

/** GET /images/{name}/history, newest step first; sizes are those of the unpacked layers. */
export async function imageHistory(
  { blobs, store, snapshots }: HistoryBackend,
  text: string,
  platform?: Platform,
): Promise<ImageHistoryEntry[]> {
  const image = await store.resolve(text);
  const { config } = await bestPresent(blobs, image, platform);
  const stock = liveStock({ snapshots, has: (digest) => blobs.has(digest) });
  const layers = chainIds(config.rootfs?.diff_ids ?? []).values();
  const entries: ImageHistoryEntry[] = [];
  for (const step of config.history ?? []) {
    const layer = step.empty_layer ? undefined : layers.next().value;
    if (!step.empty_layer && layer === undefined) throw new SystemError('unable to find the size of the layer');
    entries.unshift({
      Comment: step.comment ?? '',
      Created: step.created ? Math.floor(Date.parse(step.created) / 1000) : 0,
      CreatedBy: step.created_by ?? '',
      Id: '<missing>',
      Size: layer === undefined ? 0 : await stock.layerSize(layer),
      Tags: null,
    });
  }
  await nameEntries(store, image, entries);
  return entries;
}

/** The first entry is the image itself; those below it only where the classic builder left a trail. */
async function nameEntries(store: ImageStore, image: ImageRecord, entries: ImageHistoryEntry[]): Promise<void> {
  let current: ImageRecord | undefined = image;
  for (const entry of entries) {
    if (!current) return;
    entry.Id = idOf(current);
    const tags = (await store.withDigest(entry.Id)).filter((record) => !isDangling(record));
    if (tags.length > 0) entry.Tags = tags.flatMap((tag) => referenceText(tag));
    const parent: string | undefined = current.labels[parentLabel];
    current = parent ? (await store.withDigest(parent))[0] : undefined;
  }
}

function referenceText(record: ImageRecord): string[] {
  const reference = referenceOf(record);
  return reference ? [familiarString(reference)] : [];
}
