import type { ManifestSummary } from '../api/engine/image.ts';
import type { Blobs } from './blobs.ts';
import { chainIds } from './chain-id.ts';
import { descriptorJson, platformJson } from './descriptor-view.ts';
import { targetOf, type ImageRecord } from './image-store.ts';
import type { ImageUser } from './image-use.ts';
import { manifestsOf, platformOfConfig, rank, type PlatformImage } from './manifests.ts';
import { annotations, isLayer, type ImageConfig, type OciDescriptor, type OciManifest, type Platform } from './oci.ts';
import type { Stock } from './stock.ts';

/** All platforms of an image together. */
export interface PlatformsSummary {
  manifests: ManifestSummary[];
  /** Chain IDs of every layer of every platform. */
  chainIds: string[];
  totalSize: number;
  containers: number;
  /** The platform to show; undefined when none is here in full. */
  best: PlatformImage | undefined;
}

export interface SummarizeBackend {
  blobs: Blobs;
  stock: Stock;
  users: ImageUser[];
}

type Draft = PlatformsSummary & { bestRank: number };

export async function summarize(
  backend: SummarizeBackend,
  image: ImageRecord,
  wanted?: Platform,
): Promise<PlatformsSummary> {
  const draft: Draft = {
    manifests: [],
    chainIds: [],
    totalSize: 0,
    containers: 0,
    best: undefined,
    bestRank: Infinity,
  };
  for (const descriptor of await manifestsOf(backend.blobs, targetOf(image))) {
    draft.manifests.push(await summarizeManifest(backend, descriptor, { draft, wanted }));
  }
  return draft;
}

async function summarizeManifest(
  { blobs, stock, users }: SummarizeBackend,
  descriptor: OciDescriptor,
  { draft, wanted }: { draft: Draft; wanted: Platform | undefined },
): Promise<ManifestSummary> {
  const present = await stock.has(descriptor.digest);
  const manifest = present ? await blobs.readJson<OciManifest>(descriptor) : undefined;
  const { available, contentSize } = await contentOf(stock, descriptor, manifest);
  draft.totalSize += contentSize;
  const summary: ManifestSummary = {
    ID: descriptor.digest,
    Descriptor: descriptorJson(descriptor),
    Available: available,
    Size: { Content: contentSize, Total: contentSize },
    Kind: 'unknown',
  };
  if (isPseudo(descriptor, manifest)) return { ...summary, ...attestationOf(descriptor) };
  summary.Kind = 'image';
  if (!available || !manifest) {
    const platform = descriptor.platform ? platformJson(descriptor.platform) : { architecture: '', os: '' };
    return { ...summary, ImageData: { Platform: platform, Size: { Unpacked: 0 }, Containers: null } };
  }
  const config = await blobs.readJson<ImageConfig>(manifest.config);
  const variant = { descriptor, manifest, config, platform: descriptor.platform ?? platformOfConfig(config) };
  const chain = chainIds(config.rootfs?.diff_ids ?? []);
  const unpacked = await stock.chainSize(chain.at(-1) ?? '');
  const using = users.filter(({ manifestDigest }) => manifestDigest === descriptor.digest);
  draft.chainIds.push(...chain);
  draft.totalSize += unpacked;
  draft.containers += using.length;
  const variantRank = rank(variant.platform, wanted);
  if (variantRank < draft.bestRank) Object.assign(draft, { best: variant, bestRank: variantRank });
  summary.Size.Total += unpacked;
  const Containers = using.length > 0 ? using.map(({ containerId }) => containerId) : null;
  return {
    ...summary,
    ImageData: { Platform: platformJson(variant.platform), Size: { Unpacked: unpacked }, Containers },
  };
}

/** Bytes of a manifest and what it refers to, as far as they are here, and whether that is all. */
async function contentOf(stock: Stock, descriptor: OciDescriptor, manifest: OciManifest | undefined) {
  if (!manifest) return { available: false, contentSize: 0 };
  let contentSize = descriptor.size;
  let available = true;
  for (const child of [manifest.config, ...(manifest.layers ?? [])]) {
    if (await stock.has(child.digest)) contentSize += child.size;
    else available = false;
  }
  return { available, contentSize };
}

/** Attestations and other things that are packed as an image but are none. */
function isPseudo({ annotations: given, platform }: OciDescriptor, manifest: OciManifest | undefined): boolean {
  if (given?.[annotations.attestationType] !== undefined) return true;
  if (platform?.os === 'unknown' && platform.architecture === 'unknown') return true;
  const layers = manifest?.layers ?? [];
  return layers.length > 0 && !layers.some(({ mediaType }) => isLayer(mediaType));
}

function attestationOf({ annotations: given }: OciDescriptor): Partial<ManifestSummary> {
  const subject = given?.[annotations.attestationFor];
  if (given?.[annotations.attestationType] === undefined || !subject) return {};
  return { Kind: 'attestation', AttestationData: { For: subject } };
}
