import type { NanoClock } from '../clock.ts';
import type { EventPublisher } from '../events/event.ts';
import type { Fault } from '../faults/fault.ts';
import type { Logger } from '../logger.ts';
import type { DataRoot } from '../storage/data-root.ts';
import type { AddressPoolSetting } from './choose-subnets.ts';
import { ensureDefaultNetworks } from './default-networks.ts';
import { NetworkService } from './network-service.ts';
import type { NetworkSettings } from './network-settings.ts';
import { NetworkStore } from './network-store.ts';

export interface OpenNetworksOptions {
  root: DataRoot;
  bridgeName: string;
  hostAddress: string | null;
  engineId: string;
  settings: NetworkSettings & { mtu: number; addressPools: readonly AddressPoolSetting[] };
  namesOf(containerId: string): readonly string[];
  namesVersion(): number;
  clock: NanoClock;
  events: EventPublisher;
  log: Logger;
  fault: Fault | undefined;
}

/** Reads the networks and makes records of the default ones; what the machine has is untouched until it is restored. */
export async function openNetworks(options: OpenNetworksOptions): Promise<NetworkService> {
  const { root, bridgeName, hostAddress, engineId, settings, clock, namesOf, namesVersion, events, log, fault } =
    options;
  const store = await NetworkStore.open(root.networks, clock);
  await ensureDefaultNetworks(store, { bridgeName, engineId, ...settings, pools: settings.addressPools });
  const { mtu, hostGatewayIps, filtered, forwards } = settings;
  return new NetworkService({
    store,
    netnsDir: root.netns,
    table: bridgeName,
    hostAddress,
    hostGatewayIps,
    filtered,
    forwards,
    mtu,
    namesOf,
    namesVersion,
    events,
    log,
    fault,
  });
}
