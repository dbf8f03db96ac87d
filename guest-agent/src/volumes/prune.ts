import { parseBool, syntaxError } from '../api/engine/strconv.ts';
import type { Filters } from '../api/engine/filters.ts';
import type { VolumesPruneReport } from '../api/engine/volume.ts';
import { EngineError, InvalidParameterError } from '../api/errors.ts';
import { volumeFilter } from './filter.ts';
import { folderSize } from './folder-size.ts';
import { anonymousLabel, hasOptions, type VolumeRecord } from './volume.ts';

export interface PruneTarget {
  volumes: VolumeRecord[];
  isUsed(name: string): boolean;
  dataPath(name: string): string;
  remove(name: string): Promise<void>;
}

const accepted = ['label', 'label!', 'all'];

export async function pruneVolumes(filters: Filters, target: PruneTarget): Promise<VolumesPruneReport> {
  const all = wantsAll(filters);
  filters.validate(accepted);
  const filter = volumeFilter(all ? filters : filters.with('label', anonymousLabel), (name) => target.isUsed(name));
  const report: VolumesPruneReport = { VolumesDeleted: [], SpaceReclaimed: 0 };
  for (const volume of target.volumes) {
    if (hasOptions(volume) || target.isUsed(volume.name) || !filter(volume)) continue;
    const size = await folderSize(target.dataPath(volume.name));
    if (!(await removed(target, volume.name))) continue;
    report.SpaceReclaimed += size;
    report.VolumesDeleted.push(volume.name);
  }
  return report;
}

/** A container may have taken it meanwhile: then it stays. */
async function removed(target: PruneTarget, name: string): Promise<boolean> {
  try {
    await target.remove(name);
    return true;
  } catch (error) {
    if (error instanceof EngineError) return false;
    throw error;
  }
}

function wantsAll(filters: Filters): boolean {
  const [value, ...more] = filters.get('all');
  if (more.length > 0) {
    throw new InvalidParameterError(`invalid filter 'all=[${[value, ...more].join(' ')}]': only one value is expected`);
  }
  if (value === undefined) return false;
  const all = parseBool(value);
  if (all === null) throw new InvalidParameterError(`invalid filter 'all': ${syntaxError('ParseBool', value)}`);
  return all;
}
