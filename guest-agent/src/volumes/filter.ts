import { hasLabel, type Filters } from '../api/engine/filters.ts';
import { localDriver, type VolumeRecord } from './volume.ts';

/** Volumes that pass; the names of the filters have been checked before. `inUse` tells whether a container has it. */
export function volumeFilter(filters: Filters, inUse: (name: string) => boolean): (volume: VolumeRecord) => boolean {
  const drivers = filters.get('driver');
  const names = filters.get('name').map(nameMatcher);
  const unwanted = filters.get('label!');
  const dangling = filters.has('dangling') ? filters.flag('dangling', false) : undefined;
  return ({ name, labels }) => {
    if (drivers.length > 0 && !drivers.includes(localDriver)) return false;
    if (filters.has('name') && !names.some((matches) => matches(name))) return false;
    if (!filters.matchLabels('label', labels ?? {})) return false;
    if (unwanted.length > 0 && unwanted.every((label) => hasLabel(labels ?? {}, label))) return false;
    return dangling === undefined || inUse(name) !== dangling;
  };
}

/** The name itself, or a regular expression for a part of it. */
function nameMatcher(text: string): (name: string) => boolean {
  let expression: RegExp | undefined;
  try {
    expression = new RegExp(text);
  } catch {
    expression = undefined;
  }
  return (name) => name === text || (expression?.test(name) ?? false);
}
