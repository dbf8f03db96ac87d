import { Filters } from '../api/engine/filters.ts';
import type { ImageSummary } from '../api/engine/image.ts';
import type { VolumeJson } from '../api/engine/volume.ts';
import { InvalidParameterError } from '../api/index.ts';
import type { Builder } from '../builder/builder.ts';
import type { ContainerVerbs } from '../containers/containers.ts';
import type { Images } from '../images/images.ts';
import { folderSize } from '../volumes/folder-size.ts';
import type { VolumeUse, Volumes } from '../volumes/volumes.ts';

export interface DiskUsageDependencies {
  containers: Pick<ContainerVerbs, 'list'>;
  images: Pick<Images, 'list' | 'diskUsage'>;
  volumes: Pick<Volumes, 'list'>;
  volumeUse: VolumeUse;
  builder: Pick<Builder, 'cacheUsage'>;
}

/** GET /system/df. null is what was not asked for. */
export interface DiskUsage {
  LayersSize: number;
  Images: ImageSummary[] | null;
  Containers: object[] | null;
  Volumes: object[] | null;
  BuildCache: object[] | null;
}

const objects: readonly string[] = ['container', 'image', 'volume', 'build-cache'];

/** `types`: of what; empty for everything. */
export async function diskUsage(deps: DiskUsageDependencies, types: readonly string[]): Promise<DiskUsage> {
  const unknown = types.find((type) => !objects.includes(type));
  if (unknown !== undefined) throw new InvalidParameterError(`unknown object type: ${unknown}`);
  const wants = (type: string) => types.length === 0 || types.includes(type);
  const filters = new Filters();
  const [layersSize, images, containers, volumes, buildCache] = await Promise.all([
    wants('image') ? deps.images.diskUsage() : 0,
    wants('image') ? deps.images.list({ filters, all: false, sharedSize: true, manifests: false }) : null,
    wants('container') ? deps.containers.list({ all: true, limit: 0, size: true, filters }) : null,
    wants('volume') ? volumeRows(deps) : null,
    wants('build-cache') ? deps.builder.cacheUsage() : null,
  ]);
  return {
    LayersSize: layersSize,
    Images: images,
    Containers: containers && containers.map(withoutManifest),
    Volumes: volumes,
    BuildCache: buildCache,
  };
}

function withoutManifest(summary: object): object {
  const { ImageManifestDescriptor: _, ...rest } = summary as { ImageManifestDescriptor?: unknown };
  return rest;
}

/** Volumes with options are mounts, whose files are kept elsewhere. */
async function volumeRows({ volumes, volumeUse }: DiskUsageDependencies): Promise<object[]> {
  const plain = (volumes.list(new Filters()).Volumes ?? []).filter(({ Options }) => isEmpty(Options));
  return await Promise.all(plain.map(async (volume) => ({ ...volume, UsageData: await usageOf(volume, volumeUse) })));
}

const isEmpty = (options: VolumeJson['Options']): boolean => !options || Object.keys(options).length === 0;

async function usageOf({ Name, Mountpoint }: VolumeJson, use: VolumeUse) {
  return { RefCount: use.containersUsing(Name).length, Size: await folderSize(Mountpoint) };
}
