import type { Filters } from '../api/engine/filters.ts';
import type { ImageDeleteEntry, ImagesPruneReport } from '../api/engine/image.ts';
import { ConflictError, InvalidParameterError } from '../api/errors.ts';
import type { Blobs } from './blobs.ts';
import type { ImageEvents } from './image-events.ts';
import {
  danglingName,
  familiarNameOf,
  idOf,
  isDangling,
  targetOf,
  type ImageRecord,
  type ImageStore,
} from './image-store.ts';
import type { ImageUse, ImageUser } from './image-use.ts';
import type { KeptPulls } from './kept-pulls.ts';
import { imageFilter } from './list-filters.ts';
import { isIndex, isManifest, type OciDescriptor } from './oci.ts';
import { fullString, parseNamed, withDefaultTag } from './reference.ts';

export interface PruneBackend {
  blobs: Blobs;
  store: ImageStore;
  use: ImageUse;
  events: ImageEvents;
  kept: KeptPulls;
}

const accepted = ['dangling', 'label', 'label!', 'until'];

/** POST /images/prune. One at a time. */
export class ImagePruner {
  readonly #backend: PruneBackend;
  #running = false;

  constructor(backend: PruneBackend) {
    this.#backend = backend;
  }

  async prune(filters: Filters): Promise<ImagesPruneReport> {
    if (this.#running) throw new ConflictError('a prune operation is already running');
    this.#running = true;
    try {
      filters.validate(accepted);
      filters.flag('dangling', true);
      await this.#backend.kept.prune();
      return await pruneImages(this.#backend, filters);
    } finally {
      this.#running = false;
    }
  }
}

async function pruneImages(backend: PruneBackend, filters: Filters): Promise<ImagesPruneReport> {
  const danglingOnly = filters.flag('dangling', true);
  const filter = await imageFilter(backend, filters.without('dangling'));
  const records = await backend.store.list();
  const doomed = new Map<string, ImageRecord>();
  for (const record of records) {
    if ((!danglingOnly || isDangling(record)) && (await filter(record))) doomed.set(record.name, record);
  }
  spareUsed(doomed, records, backend.use.containers());
  const report: ImagesPruneReport = { ImagesDeleted: null, SpaceReclaimed: 0 };
  for (const image of doomed.values()) {
    const { entries, freedBytes } = await pruneOne(backend, image);
    report.ImagesDeleted = [...(report.ImagesDeleted ?? []), ...entries];
    report.SpaceReclaimed += freedBytes;
  }
  return report;
}

/** A container keeps the name it was made from, and the last name of an image it was made from by id. */
function spareUsed(doomed: Map<string, ImageRecord>, records: ImageRecord[], users: ImageUser[]): void {
  const usedById = new Set<string>();
  for (const { imageId, configImage } of users) {
    doomed.delete(danglingName(imageId));
    const asId = `sha256:${configImage.replace(/^sha256:/, '')}`;
    if (imageId.startsWith(asId) || configImage.endsWith(`@${imageId}`)) usedById.add(imageId);
    for (const name of namesOf(configImage)) doomed.delete(name);
  }
  const nameCount = new Map<string, number>();
  for (const record of records) nameCount.set(idOf(record), (nameCount.get(idOf(record)) ?? 0) + 1);
  for (const [name, image] of [...doomed].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const left = nameCount.get(idOf(image)) ?? 0;
    if (left > 1) nameCount.set(idOf(image), left - 1);
    else if (usedById.has(idOf(image))) doomed.delete(name);
  }
}

function namesOf(configImage: string): string[] {
  try {
    const reference = withDefaultTag(parseNamed(configImage));
    const { digest, ...tagged } = reference;
    return digest !== undefined && tagged.tag !== undefined
      ? [fullString(reference), fullString(tagged)]
      : [fullString(reference)];
  } catch (error) {
    if (error instanceof InvalidParameterError) return [];
    throw error;
  }
}

async function pruneOne({ blobs, store, events }: PruneBackend, image: ImageRecord) {
  const before: OciDescriptor[] = [];
  for await (const descriptor of blobs.walkPresent(targetOf(image))) before.push(descriptor);
  await store.forget(image.name, { sync: true });
  const name = familiarNameOf(image);
  events.logPlain('untag', idOf(image), { name });
  const entries: ImageDeleteEntry[] = [{ Untagged: name }];
  let freedBytes = 0;
  for (const { digest, size, mediaType } of before) {
    if (await blobs.has(digest)) continue;
    freedBytes += size;
    if (isManifest(mediaType) || isIndex(mediaType)) entries.push({ Deleted: digest });
  }
  if (entries.length > 1) events.logPlain('delete', idOf(image), { name });
  return { entries, freedBytes };
}
