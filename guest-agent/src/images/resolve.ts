import { healthConfig } from '../api/engine/container-config.ts';
import type { Blobs } from './blobs.ts';
import { chainIdOf } from './chain-id.ts';
import { idOf, type ImageRecord, type ImageStore } from './image-store.ts';
import { bestPresent, type PlatformImage } from './manifests.ts';
import type { ImageConfig, OciDescriptor, Platform } from './oci.ts';

/** An image as a container needs it. */
export interface ResolvedImage {
  /** Digest of the image's manifest or index. */
  id: string;
  /** Full name in containerd, e.g. docker.io/library/busybox:latest. */
  name: string;
  /** The manifest used, with its platform. */
  manifest: OciDescriptor;
  config: ImageConfig;
  /** Snapshot to start from; '' for an image without layers. */
  chainId: string;
  platform: Platform;
  /** What {@link Unpacker} takes. */
  variant: PlatformImage;
}

export interface ResolveBackend {
  blobs: Blobs;
  store: ImageStore;
}

/** Rejects with NotFoundError: `No such image: busybox:latest`, or Docker's text for a platform that it lacks. */
export async function resolveImage(
  { blobs, store }: ResolveBackend,
  reference: string,
  platform?: Platform,
): Promise<ResolvedImage> {
  return await resolveRecord(blobs, await store.resolve(reference), platform);
}

export async function resolveRecord(blobs: Blobs, record: ImageRecord, platform?: Platform): Promise<ResolvedImage> {
  const variant = await bestPresent(blobs, record, platform);
  return {
    id: idOf(record),
    name: record.name,
    manifest: { ...variant.descriptor, platform: variant.platform },
    config: withWholeHealthcheck(variant.config),
    chainId: chainIdOf(variant.config.rootfs?.diff_ids ?? []),
    platform: variant.platform,
    variant,
  };
}

function withWholeHealthcheck(image: ImageConfig): ImageConfig {
  const { config } = image;
  if (!config?.Healthcheck) return image;
  return { ...image, config: { ...config, Healthcheck: healthConfig.decode(config.Healthcheck, 'Healthcheck') } };
}
