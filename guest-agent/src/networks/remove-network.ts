import { ForbiddenError } from '../api/index.ts';
import type { EventPublisher } from '../events/event.ts';
import { refuseConfigInUse } from './config-networks.ts';
import { networkEvent } from './network-events.ts';
import type { NetworkService } from './network-service.ts';
import { predefined } from './network.ts';

/** DELETE /networks/{id}. */
export function removeNetwork(
  { networks, events }: { networks: NetworkService; events: EventPublisher },
  reference: string,
): Promise<void> {
  return networks.exclusively(async () => {
    const network = networks.find(reference);
    if (predefined.has(network.name))
      throw new ForbiddenError(`${network.name} is a pre-defined network and cannot be removed`);
    refuseConfigInUse(networks.store, network);
    await networks.remove(network);
    events.publish(networkEvent(network, 'destroy'));
  });
}
