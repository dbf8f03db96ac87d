import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { NotFoundError } from '../api/index.ts';
import { JsonFile } from '../storage/json-store.ts';
import { AddressPool } from './address-pool.ts';
import {
  applyBridgeRules,
  createSandbox,
  deleteBridge,
  deleteRules,
  deleteSandbox,
  ensureBridge,
  hostInterfaceName,
  randomMac,
  type BridgeSettings,
} from './bridge.ts';
import type { NetworkStore } from './network-store.ts';
import { bridgeNameOption, type Endpoint, type NetworkRecord, type Sandbox } from './network.ts';
import { formatAddress, parseAddress, parseSubnet } from './subnet.ts';

export interface NetworkServiceOptions {
  store: NetworkStore;
  /** Folder for the namespaces' bind mounts and the record of each sandbox. */
  netnsDir: string;
  /** Name of our nftables table. */
  table: string;
  mtu: number;
}

export interface SandboxRequest {
  containerId: string;
  containerName: string;
  /** Networks to join, first one with the default route. */
  networks: string[];
  /** By the network's name; random where there is none. */
  macAddresses?: Readonly<Record<string, string>>;
}

const sandboxLayout = 1;
/** Path of the sandbox of a container that shares the machine's network. */
const machineNetwork = '/proc/1/ns/net';
const noAddress = { macAddress: '', ipAddress: '', prefixLength: 0, gateway: '', hostInterface: '' };

/** Owns networks, bridges, addresses and the sandboxes of running containers. */
export class NetworkService {
  readonly #options: NetworkServiceOptions;
  readonly #pools = new Map<string, AddressPool>();
  readonly #sandboxes = new Map<string, Sandbox>();

  constructor(options: NetworkServiceOptions) {
    this.#options = options;
  }

  get store(): NetworkStore {
    return this.#options.store;
  }

  /** Brings bridges, rules and addresses to what the store and the sandboxes that survived say. Idempotent. */
  async restore(): Promise<void> {
    const bridges = this.store
      .list()
      .filter((network) => network.driver === 'bridge')
      .map((network) => this.#settings(network));
    for (const bridge of bridges) await ensureBridge(bridge);
    await applyBridgeRules(this.#options.table, bridges);
    await mkdir(this.#options.netnsDir, { recursive: true, mode: 0o700 });
    const names = await readdir(this.#options.netnsDir);
    for (const name of names) {
      if (name.endsWith('.json')) await this.#readSandbox(path.join(this.#options.netnsDir, name));
    }
    // A crash before its record was written: nobody knows of this namespace.
    const abandoned = names.filter((name) => !/\.json(\.new)?$/.test(name) && !names.includes(`${name}.json`));
    for (const name of abandoned) await deleteSandbox(path.join(this.#options.netnsDir, name));
  }

  /** Takes everything down again that {@link restore} made. */
  async teardown(): Promise<void> {
    for (const containerId of [...this.#sandboxes.keys()]) await this.close(containerId);
    await deleteRules(this.#options.table);
    for (const network of this.store.list()) {
      if (network.driver === 'bridge') await deleteBridge(this.#settings(network).name);
    }
  }

  find(reference: string): NetworkRecord {
    const network = this.store.find(reference);
    if (!network) throw new NotFoundError(`network ${reference} not found`);
    return network;
  }

  findMaybe(reference: string): NetworkRecord | undefined {
    return this.store.find(reference);
  }

  sandboxOf(containerId: string): Sandbox | undefined {
    return this.#sandboxes.get(containerId);
  }

  sandboxes(): Sandbox[] {
    return [...this.#sandboxes.values()];
  }

  /** Makes the container's namespace with an endpoint in each network. All of it or nothing. */
  async open(request: SandboxRequest): Promise<Sandbox> {
    const networks = request.networks.map((name) => this.find(name));
    const sandbox: Sandbox = {
      containerId: request.containerId,
      id: randomBytes(32).toString('hex'),
      path: path.join(this.#options.netnsDir, request.containerId),
      endpoints: [],
    };
    try {
      for (const network of networks) sandbox.endpoints.push(this.#newEndpoint(network, request));
      if (networks.some((network) => network.driver === 'host')) sandbox.path = machineNetwork;
      else await createSandbox(sandbox, (networkId) => this.#settings(this.find(networkId)).name, this.#options.mtu);
      this.#file(request.containerId).write(sandbox);
    } catch (error) {
      await this.#undo(sandbox);
      throw error;
    }
    this.#sandboxes.set(request.containerId, sandbox);
    return sandbox;
  }

  /** Gives back a sandbox; nothing happens where there is none. */
  async close(containerId: string): Promise<void> {
    const sandbox = this.#sandboxes.get(containerId);
    if (!sandbox) return;
    this.#sandboxes.delete(containerId);
    await this.#undo(sandbox);
  }

  async #undo(sandbox: Sandbox): Promise<void> {
    if (sandbox.path !== machineNetwork) await deleteSandbox(sandbox.path);
    await this.#file(sandbox.containerId).remove();
    for (const { networkId, ipAddress } of sandbox.endpoints)
      this.#pools.get(networkId)?.release(parseAddress(ipAddress));
  }

  #newEndpoint(network: NetworkRecord, request: SandboxRequest): Endpoint {
    const endpointId = randomBytes(32).toString('hex');
    const { containerId, containerName } = request;
    const plain: Endpoint = { ...noAddress, networkId: network.id, endpointId, containerId, containerName };
    const ipam = network.ipam[0];
    if (network.driver !== 'bridge' || !ipam) return plain;
    const pool = this.#pool(network);
    return {
      ...plain,
      macAddress: request.macAddresses?.[network.name] ?? randomMac(),
      ipAddress: formatAddress(pool.take()),
      prefixLength: pool.subnet.prefix,
      gateway: ipam.gateway,
      hostInterface: hostInterfaceName(endpointId),
    };
  }

  #pool(network: NetworkRecord): AddressPool {
    const existing = this.#pools.get(network.id);
    if (existing) return existing;
    const ipam = network.ipam[0] as { subnet: string; gateway: string };
    const pool = new AddressPool(parseSubnet(ipam.subnet));
    pool.reserve(parseAddress(ipam.gateway));
    this.#pools.set(network.id, pool);
    return pool;
  }

  #settings(network: NetworkRecord): BridgeSettings {
    const ipam = network.ipam[0] as { subnet: string; gateway: string };
    return {
      name: network.options[bridgeNameOption] ?? `br-${network.id.slice(0, 12)}`,
      subnet: ipam.subnet,
      gateway: ipam.gateway,
      prefixLength: parseSubnet(ipam.subnet).prefix,
      mtu: this.#options.mtu,
    };
  }

  async #readSandbox(file: string): Promise<void> {
    const sandbox = await new JsonFile<Sandbox>(file, sandboxLayout).read();
    if (!sandbox) return;
    this.#sandboxes.set(sandbox.containerId, sandbox);
    for (const endpoint of sandbox.endpoints) {
      const network = this.store.find(endpoint.networkId);
      if (network && endpoint.ipAddress !== '') this.#pool(network).reserve(parseAddress(endpoint.ipAddress));
    }
  }

  #file(containerId: string): JsonFile<Sandbox> {
    return new JsonFile(path.join(this.#options.netnsDir, `${containerId}.json`), sandboxLayout);
  }
}
