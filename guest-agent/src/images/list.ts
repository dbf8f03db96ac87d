import type { Filters } from '../api/engine/filters.ts';
import type { ImageSummary } from '../api/engine/image.ts';
import type { Blobs } from './blobs.ts';
import { descriptorJson } from './descriptor-view.ts';
import { idOf, isDangling, referenceOf, targetOf, type ImageRecord, type ImageStore } from './image-store.ts';
import type { ImageUse } from './image-use.ts';
import { imageFilter } from './list-filters.ts';
import type { ImageConfig } from './oci.ts';
import { familiarString, withDigest } from './reference.ts';
import { takeStock, type Stock, type StockBackend } from './stock.ts';
import { summarize, type PlatformsSummary, type SummarizeBackend } from './summarize.ts';

export interface ListBackend extends StockBackend {
  blobs: Blobs;
  store: ImageStore;
  use: ImageUse;
}

export interface ListOptions {
  /** Shows images that only others are built on, too. */
  all: boolean;
  filters: Filters;
  sharedSize: boolean;
  manifests: boolean;
}

const accepted = ['dangling', 'label', 'label!', 'before', 'since', 'reference', 'until'];
/** The classic builder's mark on an image: what it was built on. */
export const parentLabel = 'org.mobyproject.image.parent';
const atATime = 16;

interface Listed {
  image: ImageRecord;
  tags: string[];
}

interface Row {
  summary: ImageSummary;
  platforms: PlatformsSummary;
}

/** GET /images/json: an entry for each image, newest first. */
export async function listImages(backend: ListBackend, options: ListOptions): Promise<ImageSummary[]> {
  options.filters.validate(accepted);
  const filter = await imageFilter(backend, options.filters);
  const records = await backend.store.list();
  const hidden = options.all ? new Set<string>() : parentsOf(records);
  const shown: ImageRecord[] = [];
  for (const record of records) {
    if (isDangling(record) && hidden.has(idOf(record))) continue;
    if (await filter(record)) shown.push(record);
  }
  const stock = await takeStock(backend);
  const using = { blobs: backend.blobs, stock, users: backend.use.containers() };
  const rows = await inBatches(group(shown), (listed) => rowOf(using, listed, options.manifests));
  if (options.sharedSize) await addSharedSizes(rows, stock);
  return rows.map(({ summary }) => summary).sort((a, b) => b.Created - a.Created);
}

const parentsOf = (records: ImageRecord[]): Set<string> =>
  new Set(records.flatMap(({ labels }) => labels[parentLabel] ?? []));

/** Names by image: the last one stands for it, a dangling one only where there is no other. */
function group(records: ImageRecord[]): Listed[] {
  const groups = new Map<string, Listed>();
  for (const image of records) {
    const known = groups.get(idOf(image));
    if (isDangling(image)) {
      if (!known) groups.set(idOf(image), { image, tags: [] });
      continue;
    }
    const reference = referenceOf(image);
    const tag = reference ? familiarString(reference) : image.name;
    groups.set(idOf(image), { image, tags: [...(known?.tags ?? []), tag] });
  }
  return [...groups.values()];
}

async function rowOf(backend: SummarizeBackend, { image, tags }: Listed, manifests: boolean): Promise<Row> {
  const platforms = await summarize(backend, image);
  const config = platforms.best?.config;
  const summary: ImageSummary = {
    Containers: config ? platforms.containers : -1,
    Created: createdSeconds(config),
    Id: idOf(image),
    Labels: config?.config?.Labels ?? null,
    ParentId: config ? (image.labels[parentLabel] ?? '') : '',
    Descriptor: descriptorJson(targetOf(image)),
    ...(manifests && platforms.manifests.length > 0 && { Manifests: platforms.manifests }),
    RepoDigests: config ? repoDigests(image) : [idOf(image)],
    RepoTags: tags,
    SharedSize: -1,
    Size: platforms.totalSize,
  };
  return { summary, platforms };
}

function createdSeconds(config: ImageConfig | undefined): number {
  return config?.created ? Math.floor(Date.parse(config.created) / 1000) : 0;
}

function repoDigests(image: ImageRecord): string[] {
  const reference = referenceOf(image);
  return reference ? [familiarString(withDigest(reference, idOf(image)))] : [];
}

/** A layer counts as shared when more than one platform of more than one image stands on it. */
async function addSharedSizes(rows: Row[], stock: Stock): Promise<void> {
  const uses = new Map<string, number>();
  for (const { platforms } of rows) for (const id of platforms.chainIds) uses.set(id, (uses.get(id) ?? 0) + 1);
  for (const { summary, platforms } of rows) {
    summary.SharedSize = 0;
    for (const id of platforms.chainIds) {
      if ((uses.get(id) ?? 0) > 1) summary.SharedSize += await stock.layerSize(id);
    }
  }
}

async function inBatches<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += atATime) {
    results.push(...(await Promise.all(items.slice(start, start + atATime).map(work))));
  }
  return results;
}
