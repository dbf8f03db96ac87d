import { access } from 'node:fs/promises';
import { toRfc3339Nano } from '../containerd/timestamp.ts';
import type { EventPublisher } from '../events/event.ts';
import type { UsageRecord } from '../gen/buildkit/control.ts';
import type { BuildDaemon } from './build-daemon.ts';
import { openControlClient, type ControlClient } from './control-client.ts';
import { pruneRule, type PruneCache } from './prune-rule.ts';

export interface CacheDependencies {
  daemon: Pick<BuildDaemon, 'use'>;
  events: EventPublisher;
  /** buildkitd's own folder; nothing is kept where there is none. */
  root: string;
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
  const pruning = pruneRule(request, Date.now());
  const records = await ask(deps, (client) => client.prune(pruning));
  const reclaimed = records.reduce((sum, { Size }) => sum + Size, 0);
  const attributes = { reclaimed: String(reclaimed) };
  deps.events.publish({ Type: 'builder', Action: 'prune', Actor: { ID: '', Attributes: attributes } });
  return { CachesDeleted: records.length > 0 ? records.map(({ ID }) => ID) : null, SpaceReclaimed: reclaimed };
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
