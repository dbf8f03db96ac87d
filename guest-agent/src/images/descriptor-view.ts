import type { DescriptorJson, PlatformJson } from '../api/engine/image.ts';
import type { OciDescriptor, Platform } from './oci.ts';

/** Descriptor as the API shows it; empty annotations are left out. */
export function descriptorJson(descriptor: OciDescriptor): DescriptorJson {
  const { mediaType, digest, size, annotations, platform } = descriptor;
  const annotated = annotations && Object.keys(annotations).length > 0;
  return {
    mediaType,
    digest,
    size,
    ...(annotated && { annotations }),
    ...(platform && { platform: platformJson(platform) }),
  };
}

export function platformJson(platform: Platform): PlatformJson {
  const { architecture, os, variant } = platform;
  const version = platform['os.version'];
  const features = platform['os.features'];
  return {
    architecture,
    os,
    ...(version && { 'os.version': version }),
    ...(features?.length && { 'os.features': features }),
    ...(variant && { variant }),
  };
}
