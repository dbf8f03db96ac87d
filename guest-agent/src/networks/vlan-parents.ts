import { existsSync } from 'node:fs';
import { SystemError } from '../api/index.ts';
import { isVlan } from './drivers.ts';
import { runScript } from './ip-tool.ts';
import type { NetworkStore } from './network-store.ts';
import type { NetworkRecord } from './network.ts';
import { bearsMark } from './own-links.ts';
import { type VlanDriver, vlanOptions } from './vlan-options.ts';

type VlanNetwork = NetworkRecord & { driver: VlanDriver };

/**
 * The machine's interfaces that macvlan and ipvlan networks branch off. Those that the engine makes bear its mark, so
 * that it takes away no other, also after a crash.
 */
export class VlanParents {
  readonly #store: NetworkStore;
  readonly #mark: string;

  constructor(store: NetworkStore, mark: string) {
    this.#store = store;
    this.#mark = mark;
  }

  async restore(): Promise<void> {
    for (const network of this.#store.list()) if (isVlan(network.driver)) await this.add(network as VlanNetwork);
  }

  /** The interface is there afterwards. SystemError, in dockerd's words, where it cannot be. */
  async add(network: VlanNetwork): Promise<void> {
    const { parent, mode } = vlanOptions(network.driver, network.options);
    this.#refusePassthru(network, { parent, mode });
    const name = parentOf(network);
    if (exists(name)) return;
    const link = parent === '' ? `name ${name} type dummy` : vlanLink(parent);
    await runScript(`ip link add ${link}\nip link set dev ${name} alias ${this.#mark} up\n`);
  }

  /** The network is no longer in the store. */
  async remove(network: VlanNetwork): Promise<void> {
    const name = parentOf(network);
    const isShared = this.#store
      .list()
      .some((other) => isVlan(other.driver) && parentOf(other as VlanNetwork) === name);
    if (!isShared && bearsMark(name, this.#mark)) await runScript(`ip link delete dev ${name}\n`);
  }

  async teardown(): Promise<void> {
    const names = this.#store.list().flatMap((each) => (isVlan(each.driver) ? [parentOf(each as VlanNetwork)] : []));
    for (const name of new Set(names)) if (bearsMark(name, this.#mark)) await runScript(`ip link delete dev ${name}\n`);
  }

  /** An interface that is passed through to one network is no other's. */
  #refusePassthru({ id, driver }: VlanNetwork, { parent, mode }: { parent: string; mode: string }): void {
    for (const other of this.#store.list()) {
      if (other.id === id || other.driver !== driver || other.driver !== 'macvlan') continue;
      const { parent: theirs, mode: theirMode } = vlanOptions(driver, other.options);
      if (theirs === '' || theirs !== parent) continue;
      if (mode === 'passthru')
        throw new SystemError(
          `cannot use mode passthru, macvlan network ${other.id} is already using parent interface ${parent}`,
        );
      if (theirMode === 'passthru')
        throw new SystemError(
          `macvlan network ${other.id} is already using parent interface ${parent} in mode passthru`,
        );
    }
  }
}

/** The interface that a network's own branch off. */
export function parentOf({ driver, options, id }: VlanNetwork): string {
  const { parent } = vlanOptions(driver, options);
  return parent === '' ? `${driver === 'macvlan' ? 'dm' : 'di'}-${id.slice(0, 12)}` : parent;
}

/** Names that can be an interface's; everything else ends here, far from any shell. */
const exists = (name: string): boolean =>
  /^[A-Za-z0-9_.@+=~-]{1,15}$/.test(name) && existsSync(`/sys/class/net/${name}`);

/** 'eth0.10' is made where there is an eth0. */
function vlanLink(name: string): string {
  if (!name.includes('.'))
    throw new SystemError(`invalid subinterface vlan name ${name}, example formatting is eth0.10`);
  const [master = '', tag = '', ...more] = name.split('.');
  if (more.length > 0)
    throw new SystemError(
      `required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received ${name}`,
    );
  if (!/^[+-]?\d+$/.test(tag))
    throw new SystemError(`unable to parse a valid vlan id from: ${tag} (ex. eth0.10 for vlan 10)`);
  if (!exists(master)) throw new SystemError(`-o parent interface was not found on the host: ${master}`);
  const id = Number(tag);
  if (id > 4094 || id < 1) throw new SystemError(`vlan id must be between 1-4094, received: ${id}`);
  return `link ${master} name ${name} type vlan id ${id}`;
}
