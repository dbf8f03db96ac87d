import { mkdir, access } from 'node:fs/promises';
import type { Filters } from '../api/engine/filters.ts';
import { InvalidParameterError, SystemError } from '../api/errors.ts';
import type { EventPublisher } from '../events/event.ts';
import type { BuildDaemon } from './build-daemon.ts';
import { runClient } from './run-client.ts';

/** BuildKit's record of something that it keeps (buildctl's JSON). */
interface CacheRecord {
  id: string;
  mutable: boolean;
  inUse: boolean;
  shared: boolean;
  size: number;
  createdAt: string;
  lastUsedAt: string | null;
  usageCount: number;
  parents: string[] | null;
  description: string;
  recordType: string;
}

export interface CacheDependencies {
  daemon: Pick<BuildDaemon, 'use'>;
  events: EventPublisher;
  /** buildkitd's own folder; nothing is kept where there is none. */
  root: string;
  /** Holds no credentials. */
  dockerConfig: string;
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
  if (!(await exists(deps.root))) return [];
  const lines = await ask(deps, ['du', '--format', '{{json .}}']);
  const records = lines.flatMap((line) => (JSON.parse(line) as CacheRecord[] | null) ?? []);
  return records.map((record) => ({
    ID: record.id,
    ...(record.parents && { Parents: record.parents }),
    Type: record.recordType || 'regular',
    Description: record.description,
    InUse: record.inUse,
    Shared: record.shared,
    Size: record.size,
    CreatedAt: record.createdAt,
    LastUsedAt: record.lastUsedAt,
    UsageCount: record.usageCount,
  }));
}

/** POST /build/prune. */
export async function pruneCache(deps: CacheDependencies, request: PruneCache) {
  const args = pruneArguments(request);
  const lines = (await exists(deps.root)) ? await ask(deps, ['prune', '--format', '{{json .}}', ...args]) : [];
  const records = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as CacheRecord);
  const reclaimed = records.reduce((sum, { size }) => sum + size, 0);
  const attributes = { reclaimed: String(reclaimed) };
  deps.events.publish({ Type: 'builder', Action: 'prune', Actor: { ID: '', Attributes: attributes } });
  return { CachesDeleted: records.length > 0 ? records.map(({ id }) => id) : null, SpaceReclaimed: reclaimed };
}

const filterNames = ['id', 'parent', 'type', 'description', 'inuse', 'shared', 'private'];
const ages = ['until', 'unused-for'];
const bytesPerMegabyte = 1_000_000;

export function pruneArguments({ all, filters, ...limits }: PruneCache): string[] {
  filters.validate([...filterNames, ...ages]);
  const megabytes = (flag: string, bytes: number) => (bytes > 0 ? [flag, String(bytes / bytesPerMegabyte)] : []);
  return [
    ...(all ? ['--all'] : []),
    ...ages.flatMap((name) => filters.get(name).flatMap((age) => ['--keep-duration', duration(age)])),
    ...filterNames.filter((name) => filters.has(name)).flatMap((name) => ['--filter', cacheFilter(name, filters)]),
    ...megabytes('--keep-storage-min', limits.reservedBytes),
    ...megabytes('--keep-storage', limits.maxUsedBytes),
    ...megabytes('--free-storage', limits.minFreeBytes),
  ];
}

function duration(text: string): string {
  if (/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return text;
  throw new InvalidParameterError(`failed to parse duration value (time: invalid duration ${JSON.stringify(text)})`);
}

function cacheFilter(name: string, filters: Filters): string {
  const values = filters.get(name);
  if (values.length > 1) throw new InvalidParameterError('filters expect only one value');
  if (values.length === 0) return name;
  return `${name}${name === 'id' ? '~=' : '=='}${values[0]}`;
}

async function ask({ daemon, dockerConfig }: CacheDependencies, args: string[]): Promise<string[]> {
  await mkdir(dockerConfig, { recursive: true, mode: 0o700 });
  return await daemon.use(async ({ client, address }) => {
    const lines: string[] = [];
    const code = await runClient({
      ...{ program: client, args: ['--addr', address, ...args], dockerConfig },
      onLine: (line) => void lines.push(line),
      signal: new AbortController().signal,
    });
    if (code !== 0) throw new SystemError(`build cache: ${lines.join('\n')}`);
    return lines;
  });
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
