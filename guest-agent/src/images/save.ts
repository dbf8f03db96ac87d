import type { Writable } from 'node:stream';
import { NotFoundError } from '../api/errors.ts';
import type { ContentClient } from '../containerd/content.ts';
import type { LeasesClient } from '../containerd/leases.ts';
import { archiveLayout, type ArchivedImage } from './archive-layout.ts';
import { writeArchive } from './archive-writer.ts';
import type { Blobs } from './blobs.ts';
import { exportTargets, sendableTarget } from './export-targets.ts';
import type { ImageEvents } from './image-events.ts';
import { targetOf, type ImageRecord, type ImageStore } from './image-store.ts';
import type { OciDescriptor, Platform } from './oci.ts';

export interface SaveBackend {
  blobs: Blobs;
  content: Pick<ContentClient, 'info' | 'readLarge'>;
  leases: LeasesClient;
  store: ImageStore;
  events: ImageEvents;
}

export interface SaveOptions {
  names: string[];
  platform?: Platform;
  signal?: AbortSignal;
  /** Called once it is certain that there is something to write; answers where to. */
  open: () => Writable;
}

const sourcePrefix = 'containerd.io/distribution.source.';

/** `docker save`: an archive with the images' content, in both formats. */
export async function saveImages(backend: SaveBackend, options: SaveOptions): Promise<void> {
  const { blobs, leases } = backend;
  await using lease = await leases.temporary();
  const images = await chooseImages(backend, options);
  const entries = await archiveLayout(blobs, images);
  for (const entry of entries) if (entry.kind === 'blob') await blobs.pin(entry.descriptor.digest, lease.leaseId);
  for (const { target } of images) await backend.events.log('save', target.digest, target.digest);
  const { signal } = options;
  await writeArchive(entries, options.open(), {
    read: (blob) => backend.content.readLarge(blob, { signal }),
    signal,
  });
}

async function chooseImages(backend: SaveBackend, { names, platform }: SaveOptions): Promise<ArchivedImage[]> {
  const { blobs, content, store } = backend;
  const images: ArchivedImage[] = [];
  for (const name of names) {
    for (const { image, reference } of await exportTargets(store, name)) {
      const target = platform ? await exportable(blobs, image, platform) : targetOf(image);
      const { labels } = await content.info(target.digest);
      const sources = Object.fromEntries(Object.entries(labels).filter(([key]) => key.startsWith(sourcePrefix)));
      images.push({ target, reference, sources });
    }
  }
  return images;
}

async function exportable(blobs: Blobs, image: ImageRecord, platform: Platform): Promise<OciDescriptor> {
  try {
    return await sendableTarget(blobs, image, platform);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new NotFoundError(`no suitable export target found: ${error.message}`, { cause: error });
  }
}
