import type { NanoClock } from '../clock.ts';
import type { DataRoot } from '../storage/data-root.ts';
import { ensureDefaultNetworks } from './default-networks.ts';
import { NetworkService } from './network-service.ts';
import { NetworkStore } from './network-store.ts';

export interface OpenNetworksOptions {
  root: DataRoot;
  bridgeName: string;
  settings: { bip: string | null; mtu: number };
  clock: NanoClock;
}

/** Reads the networks, makes the default ones and brings the machine to what they say. */
export async function openNetworks({
  root,
  bridgeName,
  settings,
  clock,
}: OpenNetworksOptions): Promise<NetworkService> {
  const store = await NetworkStore.open(root.networks, clock);
  await ensureDefaultNetworks(store, { bridgeName, ...settings });
  const service = new NetworkService({ store, netnsDir: root.netns, table: bridgeName, mtu: settings.mtu });
  await service.restore();
  return service;
}
