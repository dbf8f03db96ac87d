import type { Filters } from '../api/engine/filters.ts';
import { InvalidParameterError } from '../api/index.ts';
import type { EventPublisher } from '../events/event.ts';
import { untilMs } from '../images/until.ts';
import type { NetworkService } from './network-service.ts';
import { type NetworkRecord, predefined } from './network.ts';
import { removeNetwork } from './remove-network.ts';

export interface NetworksPruneReport {
  NetworksDeleted: string[] | null;
}

/** POST /networks/prune: every network of the user's own without a container in it. */
export async function pruneNetworks(
  deps: { networks: NetworkService; events: EventPublisher },
  filters: Filters,
): Promise<NetworksPruneReport> {
  const { networks, events } = deps;
  const matches = pruneFilter(filters, Date.now());
  const deleted: string[] = [];
  for (const network of networks.store.list().filter(matches)) {
    if (networks.endpointsIn(network.id).length > 0) continue;
    // Somebody may have joined or removed it since.
    const removed = await removeNetwork(deps, network.id).then(
      () => true,
      () => false,
    );
    if (removed) deleted.push(network.name);
  }
  events.publish({ Type: 'network', Action: 'prune', Actor: { ID: '', Attributes: { reclaimed: '0' } } });
  return { NetworksDeleted: deleted.length > 0 ? deleted : null };
}

function pruneFilter(filters: Filters, nowMs: number): (network: NetworkRecord) => boolean {
  filters.validate(['label', 'label!', 'until']);
  const [until, ...more] = filters.get('until');
  if (more.length > 0) throw new InvalidParameterError('more than one until filter specified');
  const latestMs = until === undefined ? Infinity : untilMs(until, nowMs);
  return ({ name, created, labels }) => {
    const isSpared = filters.has('label!') && filters.matchLabels('label!', labels);
    return (
      !predefined.has(name) && Date.parse(created) <= latestMs && filters.matchLabels('label', labels) && !isSpared
    );
  };
}
