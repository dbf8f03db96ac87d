import { NotFoundError, SystemError } from '../api/errors.ts';
import type { Blobs } from './blobs.ts';
import { familiarNameOf, targetOf, type ImageRecord } from './image-store.ts';
import {
  annotations,
  isDescriptor,
  isIndex,
  isManifest,
  type ImageConfig,
  type OciDescriptor,
  type OciManifest,
  type Platform,
} from './oci.ts';
import { formatPlatform, hostPlatform, platformDistance, samePlatform } from './platform.ts';

/** One platform's variant of an image. */
export interface PlatformImage {
  descriptor: OciDescriptor;
  manifest: OciManifest;
  config: ImageConfig;
  platform: Platform;
}

export const isAttestation = ({ annotations: given, platform }: OciDescriptor): boolean =>
  given?.[annotations.attestationType] !== undefined ||
  (platform?.os === 'unknown' && platform.architecture === 'unknown');

const maxIndexDepth = 4;

/** Every manifest that `root` is or leads to, whether its content is here or not. */
export async function manifestsOf(blobs: Blobs, root: OciDescriptor, depth = 0): Promise<OciDescriptor[]> {
  if (isManifest(root.mediaType)) return [root];
  if (!isIndex(root.mediaType) || depth > maxIndexDepth) return [];
  if (depth > 0 && !(await blobs.has(root.digest))) return [];
  const nested = await Promise.all((await blobs.children(root)).map((child) => manifestsOf(blobs, child, depth + 1)));
  return nested.flat();
}

/** Checked as far as it is followed: config and layers are descriptors. */
export async function readManifest(blobs: Blobs, descriptor: OciDescriptor): Promise<OciManifest> {
  const manifest = await blobs.readJson<OciManifest>(descriptor);
  const { config, layers } = manifest as Partial<OciManifest>;
  if (isDescriptor(config) && Array.isArray(layers) && layers.every(isDescriptor)) return manifest;
  throw new SystemError(`${descriptor.digest} is not an image manifest`);
}

export async function readPlatformImage(blobs: Blobs, descriptor: OciDescriptor): Promise<PlatformImage> {
  const manifest = await readManifest(blobs, descriptor);
  const config = await blobs.readJson<ImageConfig>(manifest.config);
  return { descriptor, manifest, config, platform: descriptor.platform ?? platformOfConfig(config) };
}

export function platformOfConfig(config: ImageConfig): Platform {
  const { architecture, os, variant } = config;
  return {
    architecture,
    os,
    ...(config['os.version'] !== undefined && { 'os.version': config['os.version'] }),
    ...(config['os.features'] !== undefined && { 'os.features': config['os.features'] }),
    ...(variant !== undefined && variant !== '' && { variant }),
  };
}

/** Lower is better, Infinity never. Without a wish every platform will do, the host's first. */
export function rank(candidate: Platform, wanted?: Platform): number {
  if (wanted) return samePlatform(wanted, candidate) ? 0 : Infinity;
  return Math.min(platformDistance(hostPlatform, candidate), 1e6);
}

/** The variant to use of those whose content is here. Rejects with NotFoundError and Docker's text. */
export async function bestPresent(blobs: Blobs, image: ImageRecord, wanted?: Platform): Promise<PlatformImage> {
  let best: { image: PlatformImage; rank: number } | undefined;
  for (const descriptor of await manifestsOf(blobs, targetOf(image))) {
    if (isAttestation(descriptor)) continue;
    const candidate = await readIfPresent(blobs, descriptor);
    const candidateRank = candidate ? rank(candidate.platform, wanted) : Infinity;
    if (candidate && candidateRank < (best?.rank ?? Infinity)) best = { image: candidate, rank: candidateRank };
  }
  if (!best) throw platformMissing(familiarNameOf(image), wanted);
  return best.image;
}

async function readIfPresent(blobs: Blobs, descriptor: OciDescriptor): Promise<PlatformImage | undefined> {
  try {
    if (!(await blobs.has(descriptor.digest))) return undefined;
    return await readPlatformImage(blobs, descriptor);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

export function platformMissing(name: string, wanted?: Platform): NotFoundError {
  const what = wanted ? `the specified platform (${formatPlatform(wanted)})` : 'any platform';
  return new NotFoundError(`image with reference ${name} was found but does not provide ${what}`);
}
