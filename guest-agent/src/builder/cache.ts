import { access } from 'node:fs/promises';
import type { Filters } from '../api/engine/filters.ts';
import { InvalidParameterError } from '../api/errors.ts';
import { toRfc3339Nano } from '../containerd/timestamp.ts';
import { parseDurationMs } from '../containers/logs/remote/duration.ts';
import type { EventPublisher } from '../events/event.ts';
import type { DeepPartial, PruneRequest, UsageRecord } from '../gen/buildkit/control.ts';
import type { BuildDaemon } from './build-daemon.ts';
import { openControlClient, type ControlClient } from './control-client.ts';

export interface CacheDependencies {
  daemon: Pick<BuildDaemon, 'use'>;
  events: EventPublisher;
  /** buildkitd's own folder; nothing is kept where there is none. */
  root: string;
}

export interface PruneCache {
  /** Also what internal steps and frontends need. */
  all: boolean;
  filters: Filters;
  /** Bytes; 0 is no limit. */
  reservedBytes: number;
  maxUsedBytes: number;
  minFreeBytes: number;
}

/** The build cache, as GET /system/df lists it. */
export async function cacheUsage(deps: CacheDependencies): Promise<object[]> {
  return (await ask(deps, (client) => client.usage())).map(cacheRecord);
}

const cacheRecord = (record: UsageRecord): object => ({
  ID: record.ID,
  ...(record.Parents.length > 0 && { Parents: record.Parents }),
  Type: record.RecordType || 'regular',
  Description: record.Description,
  InUse: record.InUse,
  Shared: record.Shared,
  Size: record.Size,
  CreatedAt: toRfc3339Nano(record.CreatedAt),
  LastUsedAt: record.LastUsedAt ? toRfc3339Nano(record.LastUsedAt) : null,
  UsageCount: record.UsageCount,
});

/** POST /build/prune. */
export async function pruneCache(deps: CacheDependencies, request: PruneCache) {
  const pruning = pruneRequest(request);
  const records = await ask(deps, (client) => client.prune(pruning));
  const reclaimed = records.reduce((sum, { Size }) => sum + Size, 0);
  const attributes = { reclaimed: String(reclaimed) };
  deps.events.publish({ Type: 'builder', Action: 'prune', Actor: { ID: '', Attributes: attributes } });
  return { CachesDeleted: records.length > 0 ? records.map(({ ID }) => ID) : null, SpaceReclaimed: reclaimed };
}

const filterNames = ['id', 'parent', 'type', 'description', 'inuse', 'shared', 'private'];
const ages = ['until', 'unused-for'];
const nanosecondsPerMillisecond = 1_000_000;

export function pruneRequest({ all, filters, ...limits }: PruneCache): DeepPartial<PruneRequest> {
  filters.validate([...filterNames, ...ages]);
  const keepMs = ages.flatMap((name) => filters.get(name).map(duration)).at(-1) ?? 0;
  return {
    all,
    keepDuration: keepMs * nanosecondsPerMillisecond,
    filter: filterNames.filter((name) => filters.has(name)).map((name) => cacheFilter(name, filters)),
    reservedSpace: limits.reservedBytes,
    maxUsedSpace: limits.maxUsedBytes,
    minFreeSpace: limits.minFreeBytes,
  };
}

function duration(text: string): number {
  try {
    return parseDurationMs(text);
  } catch (error) {
    throw new InvalidParameterError(`failed to parse duration value (${(error as Error).message})`, { cause: error });
  }
}

function cacheFilter(name: string, filters: Filters): string {
  const values = filters.get(name);
  if (values.length > 1) throw new InvalidParameterError('filters expect only one value');
  if (values.length === 0) return name;
  return `${name}${name === 'id' ? '~=' : '=='}${values[0]}`;
}

async function ask(
  { daemon, root }: CacheDependencies,
  question: (client: ControlClient) => Promise<readonly UsageRecord[]>,
): Promise<readonly UsageRecord[]> {
  if (!(await exists(root))) return [];
  return await daemon.use(async ({ socket }) => {
    using client = openControlClient(socket);
    return await question(client);
  });
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
