import type { Filters } from '../api/engine/filters.ts';
import { InvalidParameterError } from '../api/errors.ts';
import type { PruneRequest } from '../gen/buildkit/control.ts';
import { untilMs } from '../images/until.ts';

/** What of the build cache may go. */
export interface PruneCache {
  /** Also what internal steps and frontends need. */
  all: boolean;
  filters: Filters;
  /** Bytes; 0 is no limit. */
  reservedBytes: number;
  maxUsedBytes: number;
  minFreeBytes: number;
}

const fields = ['id', 'parent', 'type', 'description', 'inuse', 'shared', 'private'];
const ages = ['until', 'unused-for'] as const;
/** Accepted without effect, as dockerd does. */
const labels = ['label', 'label!'];
const nanosecondsPerMillisecond = 1_000_000;

/** The same for BuildKit. Throws InvalidParameterError in Docker's words. */
export function pruneRule({ all, filters, ...limits }: PruneCache, nowMs: number): PruneRequest {
  filters.validate([...fields, ...ages, ...labels]);
  const filter = fields.filter((name) => filters.has(name)).map((name) => cacheFilter(name, filters));
  return {
    all,
    keepDuration: Math.round(keepMs(filters, nowMs) * nanosecondsPerMillisecond),
    // One text with commas asks for all of it, several texts for any.
    filter: filter.length > 0 ? [filter.join(',')] : [],
    reservedSpace: limits.reservedBytes,
    maxUsedSpace: limits.maxUsedBytes,
    minFreeSpace: limits.minFreeBytes,
  };
}

function keepMs(filters: Filters, nowMs: number): number {
  const [until = [], unusedFor = []] = ages.map((name) => filters.get(name));
  if (until.length > 0 && unusedFor.length > 0) {
    throw new InvalidParameterError('conflicting filters: "until" and "unused-for"');
  }
  const [age, ...others] = [...until, ...unusedFor];
  if (others.length > 0) throw new InvalidParameterError('filters expect only one value');
  return age === undefined ? 0 : nowMs - momentOf(age, { name: until.length > 0 ? 'until' : 'unused-for', nowMs });
}

function momentOf(age: string, { name, nowMs }: { name: string; nowMs: number }): number {
  try {
    return untilMs(age, nowMs);
  } catch (cause) {
    const why = `"${name}" filter expects a duration (e.g., '24h') or a timestamp`;
    throw new InvalidParameterError(`${why}: ${(cause as Error).message}`, { cause });
  }
}

function cacheFilter(name: string, filters: Filters): string {
  const values = filters.get(name);
  if (values.length > 1) throw new InvalidParameterError('filters expect only one value');
  if (values.length === 0) return name;
  return `${name}${name === 'id' ? '~=' : '=='}${values[0]}`;
}
