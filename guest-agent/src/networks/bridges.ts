import { gatewayOf } from './address-book.ts';
import { bridgeOptions, type BridgeOptions, type GatewayMode } from './bridge-options.ts';
import { type BridgeFamily, type BridgeSettings, deleteBridge, ensureBridge, isIpv6, withPrefix } from './bridge.ts';
import type { Family } from './cidr.ts';
import { Firewall } from './firewall/firewall.ts';
import type { NetworkStore } from './network-store.ts';
import type { NetworkRecord } from './network.ts';

const bridgeNameFor = (networkId: string): string => `br-${networkId.slice(0, 12)}`;

export interface BridgesOptions {
  store: NetworkStore;
  /** Name of our nftables tables. */
  table: string;
  mtu: number;
  /** Where the host's loopback services are reached from the machine; null: not at all. */
  hostAddress: string | null;
  /** Families that have rules; the machine's own way of passing packets on is left as it is unless `forwards`. */
  filtered: readonly Family[];
  forwards: boolean;
}

/** The bridges of all networks, as their records say, and the rules that they share. */
export class Bridges {
  readonly #options: BridgesOptions;
  readonly firewall: Firewall;

  constructor(options: BridgesOptions) {
    this.#options = options;
    const { table, hostAddress, filtered } = options;
    this.firewall = new Firewall({ table, hostAddress, filtered, bridges: () => this.#all() });
  }

  optionsOf(network: Pick<NetworkRecord, 'options'>): BridgeOptions {
    return bridgeOptions(network.options, this.#options.mtu);
  }

  settingsOf(network: NetworkRecord): BridgeSettings {
    const options = this.optionsOf(network);
    const subnets = network.ipam.map(({ subnet }) => subnet);
    return {
      name: options.name || bridgeNameFor(network.id),
      isOwn: options.name === '' || options.name === this.#options.table,
      forwards: this.#options.forwards,
      ...{ mtu: options.mtu, icc: options.icc, masquerade: options.masquerade, internal: network.internal },
      trustedInterfaces: options.trustedInterfaces,
      ipv4: network.enableIPv4 ? familyOf(subnets, false, options) : null,
      ipv6: network.enableIPv6 ? familyOf(subnets, true, options) : null,
      addresses: ownAddresses(network, options).map((address) => withPrefix(address, subnets)),
    };
  }

  /** Makes what is missing and brings the rest to what the records say. */
  async restore(): Promise<void> {
    for (const bridge of this.#all()) await ensureBridge(bridge, this.#options.table);
    await this.firewall.apply();
  }

  async add(network: NetworkRecord): Promise<void> {
    await ensureBridge(this.settingsOf(network), this.#options.table);
    await this.firewall.apply();
  }

  /** The network is no longer in the store. */
  async remove(network: NetworkRecord): Promise<void> {
    await this.firewall.apply();
    await deleteBridge(this.settingsOf(network), this.#options.table);
  }

  async teardown(): Promise<void> {
    await this.firewall.remove();
    for (const bridge of this.#all()) await deleteBridge(bridge, this.#options.table);
  }

  #all(): BridgeSettings[] {
    const networks = this.#options.store.list().filter((network) => network.driver === 'bridge');
    return networks.map((network) => this.settingsOf(network));
  }
}

function familyOf(subnets: readonly string[], ipv6: boolean, options: BridgeOptions): BridgeFamily | null {
  const subnet = subnets.find((each) => isIpv6(each) === ipv6);
  if (subnet === undefined) return null;
  const mode: GatewayMode = ipv6 ? options.gatewayModeIpv6 : options.gatewayModeIpv4;
  return { subnet, mode, hostAddress: ipv6 ? options.hostIpv6 : options.hostIpv4 };
}

function ownAddresses({ ipam, enableIPv4, enableIPv6 }: NetworkRecord, { inhibitIpv4 }: BridgeOptions): string[] {
  const isOn = (address: string) => (isIpv6(address) ? enableIPv6 : enableIPv4 && !inhibitIpv4);
  return ipam.map(gatewayOf).filter((address) => address !== '' && isOn(address));
}
