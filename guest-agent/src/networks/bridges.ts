import { gatewayOf } from './address-book.ts';
import { bridgeOptions, type BridgeOptions } from './bridge-options.ts';
import {
  applyBridgeRules,
  type BridgeSettings,
  deleteBridge,
  deleteRules,
  ensureBridge,
  withPrefix,
} from './bridge.ts';
import type { NetworkStore } from './network-store.ts';
import type { NetworkRecord } from './network.ts';

const bridgeNameFor = (networkId: string): string => `br-${networkId.slice(0, 12)}`;

/** The bridges of all networks, as their records say, and the rules that they share. */
export class Bridges {
  readonly #options: { store: NetworkStore; table: string; mtu: number };

  constructor(options: { store: NetworkStore; table: string; mtu: number }) {
    this.#options = options;
  }

  optionsOf(network: Pick<NetworkRecord, 'options'>): BridgeOptions {
    return bridgeOptions(network.options, this.#options.mtu);
  }

  settingsOf(network: NetworkRecord): BridgeSettings {
    const { name, mtu, icc, masquerade, inhibitIpv4 } = this.optionsOf(network);
    const subnets = network.ipam.map(({ subnet }) => subnet);
    const addresses = network.ipam.map(gatewayOf).filter((address) => !inhibitIpv4 || address.includes(':'));
    return {
      name: name || bridgeNameFor(network.id),
      ...{ mtu, icc, masquerade, subnets, internal: network.internal },
      addresses: addresses.map((address) => withPrefix(address, subnets)),
    };
  }

  /** Makes what is missing and brings the rest to what the records say. */
  async restore(): Promise<void> {
    for (const bridge of this.#all()) await ensureBridge(bridge);
    await this.#applyRules();
  }

  async add(network: NetworkRecord): Promise<void> {
    if (network.driver === 'bridge') await ensureBridge(this.settingsOf(network));
    await this.#applyRules();
  }

  /** The network is no longer in the store. */
  async remove(network: NetworkRecord): Promise<void> {
    await this.#applyRules();
    if (network.driver === 'bridge') await deleteBridge(this.settingsOf(network).name);
  }

  async teardown(): Promise<void> {
    await deleteRules(this.#options.table);
    for (const { name } of this.#all()) await deleteBridge(name);
  }

  #applyRules(): Promise<void> {
    return applyBridgeRules(this.#options.table, this.#all());
  }

  #all(): BridgeSettings[] {
    const networks = this.#options.store.list().filter((network) => network.driver === 'bridge');
    return networks.map((network) => this.settingsOf(network));
  }
}

/** Where the network's resolver listens; '' where the bridge has no IPv4 address. */
export function bridgeAddress(network: NetworkRecord): string {
  const ipam = network.ipam.find(({ subnet }) => !subnet.includes(':'));
  return network.driver === 'bridge' && ipam ? gatewayOf(ipam) : '';
}
