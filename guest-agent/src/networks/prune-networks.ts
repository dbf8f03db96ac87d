import type { Filters } from '../api/engine/filters.ts';
import type { EventPublisher } from '../events/event.ts';
import { pruneFilter } from '../filters/prune-filter.ts';
import type { NetworkService } from './network-service.ts';
import { predefined } from './network.ts';
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
    if (predefined.has(network.name) || networks.endpointsIn(network.id).length > 0) continue;
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
