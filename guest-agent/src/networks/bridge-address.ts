import { gatewayOf } from './address-book.ts';
import type { NetworkRecord } from './network.ts';

/** Where the network's resolver listens; '' where the bridge has no IPv4 address. */
export function bridgeAddress(network: NetworkRecord): string {
  const ipam = network.ipam.find(({ subnet }) => !subnet.includes(':'));
  return network.driver === 'bridge' && ipam ? gatewayOf(ipam) : '';
}
