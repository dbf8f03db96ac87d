import type { ImageInspect } from '../api/engine/image.ts';
import { NotFoundError } from '../api/errors.ts';
import type { SnapshotsClient } from '../containerd/snapshots.ts';
import { toRfc3339Nano, type Timestamp } from '../containerd/timestamp.ts';
import type { Blobs } from './blobs.ts';
import { descriptorJson } from './descriptor-view.ts';
import { idOf, isDangling, referenceOf, targetOf, type ImageRecord, type ImageStore } from './image-store.ts';
import type { ImageUse } from './image-use.ts';
import { parentLabel } from './list.ts';
import { platformMissing, rank } from './manifests.ts';
import { isIndex, type ImageConfig, type ImageRuntimeConfig, type OciDescriptor, type Platform } from './oci.ts';
import { familiarString, withDigest } from './reference.ts';
import { liveStock } from './stock.ts';
import { summarize } from './summarize.ts';

export interface InspectBackend {
  blobs: Blobs;
  store: ImageStore;
  snapshots: SnapshotsClient;
  use: ImageUse;
}

export interface InspectOptions {
  manifests: boolean;
  platform?: Platform;
}

/** GET /images/{name}/json, as the newest API version has it. */
export async function inspectImage(
  { blobs, store, snapshots, use }: InspectBackend,
  text: string,
  { manifests, platform }: InspectOptions,
): Promise<ImageInspect> {
  const image = await store.resolve(text);
  const records = await store.withDigest(idOf(image));
  const stock = liveStock({ snapshots, has: (digest) => blobs.has(digest) });
  const summary = await summarize({ blobs, stock, users: use.containers() }, image, platform);
  if (!summary.best && platform) throw platformMissing(text, platform);
  const target = platform && summary.best ? summary.best.descriptor : targetOf(image);
  const config = summary.best?.config;
  return {
    Id: target.digest,
    ...names(records),
    Parent: image.labels[parentLabel] ?? '',
    Comment: config?.history?.at(-1)?.comment ?? '',
    ...(config?.created && { Created: withoutTrailingZeros(config.created) }),
    DockerVersion: '',
    Author: config?.author ?? '',
    Config: configJson(config?.config),
    ...platformFields(config),
    Size: await sizeOf(blobs, targetOf(image), platform),
    GraphDriver: { Data: null, Name: snapshots.snapshotter },
    RootFS: rootFs(config),
    Metadata: { LastTagTime: toRfc3339Nano(lastUpdate(records)) },
    Descriptor: descriptorJson(target),
    ...(manifests && summary.manifests.length > 0 && { Manifests: summary.manifests }),
  };
}

function names(records: ImageRecord[]): { RepoTags: string[]; RepoDigests: string[] } {
  const tags = new Set<string>();
  const digests = new Set<string>();
  for (const record of records) {
    if (isDangling(record)) continue;
    const reference = referenceOf(record);
    tags.add(reference ? familiarString(reference) : record.name);
    if (reference) digests.add(familiarString(withDigest(reference, reference.digest ?? idOf(record))));
  }
  return { RepoTags: [...tags], RepoDigests: [...digests] };
}

function platformFields(config: ImageConfig | undefined) {
  return {
    Architecture: config?.architecture ?? '',
    ...(config?.variant && { Variant: config.variant }),
    Os: config?.os ?? '',
    ...(config?.['os.version'] && { OsVersion: config['os.version'] }),
  };
}

/** As Go prints a time that it has read. */
function withoutTrailingZeros(time: string): string {
  return time.replace(/\.(\d*?)0*(?=Z|[+-]\d\d:\d\d$)/, (_, digits: string) => (digits ? `.${digits}` : ''));
}

function rootFs(config: ImageConfig | undefined): ImageInspect['RootFS'] {
  const { type, diff_ids: layers } = config?.rootfs ?? {};
  return { ...(type && { Type: type }), ...(layers?.length && { Layers: layers }) };
}

/** Shown even when the image does not set them. */
const always: Record<string, unknown> = {
  Cmd: null,
  Entrypoint: null,
  Env: null,
  Labels: null,
  OnBuild: null,
  User: '',
  Volumes: null,
  WorkingDir: '',
};
const shown: ReadonlyArray<keyof ImageRuntimeConfig> = [
  'ArgsEscaped',
  'Cmd',
  'Entrypoint',
  'Env',
  'ExposedPorts',
  'Healthcheck',
  'Labels',
  'OnBuild',
  'Shell',
  'StopSignal',
  'User',
  'Volumes',
  'WorkingDir',
];

function configJson(config: ImageRuntimeConfig | undefined): Record<string, unknown> {
  const set = shown.filter((key) => !isEmpty(config?.[key])).map((key) => [key, config?.[key]] as const);
  const merged = { ...always, ...Object.fromEntries(set) };
  return Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function lastUpdate(records: ImageRecord[]): Timestamp | undefined {
  const times = records.map(({ updatedAt }) => updatedAt).filter((time) => time !== undefined);
  return times.sort((a, b) => a.seconds - b.seconds || a.nanos - b.nanos).at(-1);
}

/** Bytes of the descriptor and of everything under it, of one platform where there are several. */
async function sizeOf(blobs: Blobs, descriptor: OciDescriptor, platform: Platform | undefined): Promise<number> {
  let size = descriptor.size;
  for (const child of await childrenToCount(blobs, descriptor, platform)) size += await sizeOf(blobs, child, platform);
  return size;
}

async function childrenToCount(
  blobs: Blobs,
  descriptor: OciDescriptor,
  platform: Platform | undefined,
): Promise<OciDescriptor[]> {
  try {
    const children = await blobs.children(descriptor);
    if (!isIndex(descriptor.mediaType)) return children;
    const ranked = children.map((child) => [child, child.platform ? rank(child.platform, platform) : 0] as const);
    return ranked
      .filter(([, childRank]) => childRank < Infinity)
      .sort(([, a], [, b]) => a - b)
      .slice(0, 1)
      .map(([child]) => child);
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
}
