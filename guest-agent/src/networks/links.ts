import { advertises } from './advertise-options.ts';
import { Bridges, type BridgesOptions } from './bridges.ts';
import { isVlan } from './drivers.ts';
import type { Endpoint, NetworkDriver, NetworkRecord } from './network.ts';
import { removeStrayCables, removeStrayLinks } from './own-links.ts';
import type { Wire } from './sandbox-links.ts';
import { vlanOptions } from './vlan-options.ts';
import { parentOf, VlanParents } from './vlan-parents.ts';

/** What the machine has for each network: its bridge, or the interface that its containers' branch off. */
export class Links {
  readonly bridges: Bridges;
  readonly #parents: VlanParents;
  readonly #options: BridgesOptions;

  constructor(options: BridgesOptions) {
    this.#options = options;
    this.bridges = new Bridges(options);
    this.#parents = new VlanParents(options.store, options.table);
  }

  /** Makes what is missing and brings the rest to what the records say. Idempotent. */
  async restore(): Promise<void> {
    await this.bridges.restore();
    await this.#parents.restore();
    const { store, table } = this.#options;
    await removeStrayLinks(table, new Set(store.list().flatMap((network) => this.#nameOf(network) ?? [])));
  }

  /** Takes away cables that lead to none of the endpoints. */
  async restoreCables(endpoints: readonly Endpoint[]): Promise<void> {
    const known = new Set(endpoints.map(({ hostInterface }) => hostInterface));
    const bridges = this.#options.store.list().filter(({ driver }) => driver === 'bridge');
    for (const network of bridges) await removeStrayCables(this.bridges.settingsOf(network).name, known);
  }

  #nameOf(network: NetworkRecord): string | null {
    if (network.driver === 'bridge') return this.bridges.settingsOf(network).name;
    return hasParent(network) ? parentOf(network) : null;
  }

  async add(network: NetworkRecord): Promise<void> {
    if (network.driver === 'bridge') await this.bridges.add(network);
    else if (hasParent(network)) await this.#parents.add(network);
  }

  /** The network is no longer in the store. */
  async remove(network: NetworkRecord): Promise<void> {
    if (network.driver === 'bridge') await this.bridges.remove(network);
    else if (hasParent(network)) await this.#parents.remove(network);
  }

  async teardown(): Promise<void> {
    await this.#parents.teardown();
    await this.bridges.teardown();
  }

  /** How endpoints come to the network; null where they have no interface. */
  wireTo(network: NetworkRecord): Wire | null {
    const advertising = { advertises: advertises(network.options) };
    if (hasParent(network)) {
      const { mode, flag } = vlanOptions(network.driver, network.options);
      return { kind: network.driver, parent: parentOf(network), mode, flag, ...advertising };
    }
    if (network.driver !== 'bridge') return null;
    const { name, mtu, icc } = this.bridges.settingsOf(network);
    return { kind: 'veth', bridge: name, mtu, isolated: !icc, ...advertising };
  }
}

const hasParent = <T extends { driver: NetworkDriver }>(network: T): network is T & { driver: 'macvlan' | 'ipvlan' } =>
  isVlan(network.driver);
