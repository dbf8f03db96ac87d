import { randomBytes } from 'node:crypto';
import { ForbiddenError, NotFoundError } from '../api/index.ts';
import { Mutex } from '../concurrency/mutex.ts';
import type { EventPublisher } from '../events/event.ts';
import type { Logger } from '../logger.ts';
import { AddressBook } from './address-book.ts';
import type { BridgeOptions } from './bridge-options.ts';
import { bridgeAddress, Bridges } from './bridges.ts';
import { defaultRoute } from './default-route.ts';
import { networkEvent } from './network-events.ts';
import type { NetworkStore } from './network-store.ts';
import type { Endpoint, NetworkRecord, Sandbox } from './network.ts';
import { Resolvers } from './resolvers.ts';
import { type EndpointOwner, type EndpointRequest, newEndpoint } from './new-endpoint.ts';
import { createSandbox, deleteSandbox, fillSandbox, unwire, wire, type Wiring } from './sandbox-links.ts';
import { Sandboxes } from './sandboxes.ts';

export interface NetworkServiceOptions {
  store: NetworkStore;
  /** Folder for the namespaces' bind mounts and the record of each sandbox. */
  netnsDir: string;
  /** Name of our nftables tables. */
  table: string;
  mtu: number;
  /** What a container is called: its name first, then short ID and hostname. */
  namesOf(containerId: string): readonly string[];
  events: EventPublisher;
  log: Logger;
}

export interface SandboxRequest extends EndpointOwner {
  endpoints: readonly EndpointRequest[];
  /** Resolvers of the container's own choice. */
  resolvers: readonly string[];
  /** Mounts a namespace at the path, where it is not to belong to the machine's own users; absent: a new one. */
  mountNamespace?: ((path: string) => Promise<void>) | undefined;
}

/** Path of the sandbox of a container that shares the machine's network. */
const machineNetwork = '/proc/1/ns/net';

/** Owns networks, bridges, addresses, names and the sandboxes of running containers. */
export class NetworkService implements AsyncDisposable {
  readonly #sandboxes: Sandboxes;
  readonly #resolvers: Resolvers;
  readonly #options: NetworkServiceOptions;
  readonly #addresses = new AddressBook();
  readonly #bridges: Bridges;
  /** Networks are made and removed one at a time: they share the rules. */
  readonly #changes = new Mutex();

  constructor(options: NetworkServiceOptions) {
    this.#options = options;
    this.#bridges = new Bridges(options);
    this.#sandboxes = new Sandboxes(options.netnsDir);
    this.#resolvers = new Resolvers({
      sandboxes: this.#sandboxes,
      names: {
        namesOf: options.namesOf,
        networkOf: (id) => this.store.byId(id),
        endpointsIn: (id) => this.#sandboxes.endpointsIn(id),
      },
      gatewayOf: bridgeAddress,
      log: options.log,
    });
  }

  get store(): NetworkStore {
    return this.#options.store;
  }

  /** Brings bridges, rules and addresses to what the store and the sandboxes that survived say. Idempotent. */
  async restore(): Promise<void> {
    await this.#bridges.restore();
    await this.#sandboxes.load();
    for (const containerId of await this.#sandboxes.abandoned()) {
      await deleteSandbox(this.#sandboxes.namespacePath(containerId));
    }
    for (const sandbox of this.#sandboxes.all()) {
      for (const endpoint of sandbox.endpoints) {
        const network = this.store.byId(endpoint.networkId);
        if (network) this.#addresses.remember(network, endpoint);
      }
      await this.#resolvers.connect(sandbox);
    }
  }

  /** Takes everything down again that {@link restore} made. */
  async teardown(): Promise<void> {
    for (const { containerId } of this.#sandboxes.all()) await this.close(containerId);
    await this[Symbol.asyncDispose]();
    await this.#bridges.teardown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resolvers[Symbol.asyncDispose]();
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
    return this.#sandboxes.all();
  }

  endpointsIn(networkId: string): Endpoint[] {
    return this.#sandboxes.endpointsIn(networkId);
  }

  /** Names that a container goes by in every network of the user's own, its name first. */
  namesOf(containerId: string): readonly string[] {
    return this.#options.namesOf(containerId);
  }

  /** True where containers of the network ask the engine for names. */
  hasResolver(network: NetworkRecord): boolean {
    return this.#resolvers.serves(network);
  }

  /** The endpoint that ports are published on: the way out, else any; null where none has an address. */
  publishingEndpoint(sandbox: Sandbox): Endpoint | null {
    return this.#route(sandbox).ipv4 ?? sandbox.endpoints.find(({ ipAddress }) => ipAddress !== '') ?? null;
  }

  optionsOf(network: Pick<NetworkRecord, 'options'>): BridgeOptions {
    return this.#bridges.optionsOf(network);
  }

  /** The bridge's interface; null where the driver makes none. */
  bridgeNameOf(network: NetworkRecord): string | null {
    return network.driver === 'bridge' ? this.#bridges.settingsOf(network).name : null;
  }

  /** Runs with no other network being made or removed. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#changes.run(work);
  }

  /** Stores a network and makes its bridge; the caller is inside {@link exclusively}. */
  async add(network: Omit<NetworkRecord, 'id' | 'created'> & { id: string }): Promise<NetworkRecord> {
    const record = this.store.put(network);
    try {
      await this.#bridges.add(record);
    } catch (error) {
      await this.#drop(record);
      throw error;
    }
    return record;
  }

  /** ForbiddenError while containers are in it. The caller is inside {@link exclusively}. */
  async remove(network: NetworkRecord): Promise<void> {
    const [active] = this.#sandboxes.endpointsIn(network.id);
    if (active) {
      const who = `name:"${active.containerName}" id:"${active.endpointId.slice(0, 12)}"`;
      throw new ForbiddenError(`error while removing network: network ${network.name} has active endpoints (${who})`);
    }
    await this.#drop(network);
  }

  /** Makes the container's namespace with an endpoint in each network. All of it or nothing. */
  async open(request: SandboxRequest): Promise<Sandbox> {
    const { containerId, resolvers } = request;
    const sandbox: Sandbox = {
      containerId,
      id: randomBytes(32).toString('hex'),
      path: this.#sandboxes.namespacePath(containerId),
      endpoints: [],
      resolvers,
    };
    try {
      for (const wanted of request.endpoints) sandbox.endpoints.push(this.#newEndpoint(sandbox, request, wanted));
      const isHost = sandbox.endpoints.some((endpoint) => this.#networkOf(endpoint)?.driver === 'host');
      if (isHost) sandbox.path = machineNetwork;
      // Before the namespace, so that a crash leaves nothing that nobody knows of.
      this.#sandboxes.put(sandbox);
      if (!isHost) {
        await request.mountNamespace?.(sandbox.path);
        const make = request.mountNamespace ? fillSandbox : createSandbox;
        await make(sandbox, this.#wirings(sandbox.endpoints), this.#route(sandbox));
        await this.#resolvers.connect(sandbox);
      }
      for (const endpoint of sandbox.endpoints) this.#announce(endpoint, 'connect');
      return sandbox;
    } catch (error) {
      await this.#undo(sandbox);
      throw error;
    }
  }

  /** Gives back a sandbox; nothing happens where there is none. */
  async close(containerId: string): Promise<void> {
    const sandbox = this.#sandboxes.get(containerId);
    if (!sandbox) return;
    this.#sandboxes.hide(containerId);
    await this.#undo(sandbox);
    for (const endpoint of sandbox.endpoints) this.#announce(endpoint, 'disconnect');
  }

  /** Puts a running container into one more network. */
  async attach(containerId: string, containerName: string, wanted: EndpointRequest): Promise<Endpoint> {
    const sandbox = this.#sandbox(containerId);
    const endpoint = this.#newEndpoint(sandbox, { containerId, containerName }, wanted);
    const next = { ...sandbox, endpoints: [...sandbox.endpoints, endpoint] };
    try {
      await wire(sandbox.path, this.#wirings([endpoint]), this.#route(next));
      this.#sandboxes.put(next);
      await this.#resolvers.connect(next);
      this.#announce(endpoint, 'connect');
      return endpoint;
    } catch (error) {
      this.#sandboxes.put(sandbox);
      await unwire(sandbox.path, endpoint.interfaceName, this.#route(sandbox)).catch(() => undefined);
      this.#release(endpoint);
      throw error;
    }
  }

  /** Takes a running container out of a network. */
  async detach(containerId: string, networkId: string): Promise<void> {
    const sandbox = this.#sandbox(containerId);
    const endpoint = sandbox.endpoints.find((candidate) => candidate.networkId === networkId);
    if (!endpoint) return;
    const next = { ...sandbox, endpoints: sandbox.endpoints.filter((candidate) => candidate !== endpoint) };
    if (endpoint.interfaceName !== '') await unwire(sandbox.path, endpoint.interfaceName, this.#route(next));
    this.#sandboxes.put(next);
    this.#release(endpoint);
    await this.#resolvers.connect(next);
    this.#announce(endpoint, 'disconnect');
  }

  #announce(endpoint: Endpoint, action: 'connect' | 'disconnect'): void {
    const network = this.#networkOf(endpoint);
    if (network) this.#options.events.publish(networkEvent(network, action, endpoint.containerId));
  }

  #sandbox(containerId: string): Sandbox {
    const sandbox = this.#sandboxes.get(containerId);
    if (!sandbox) throw new NotFoundError(`container ${containerId} has no network namespace`);
    return sandbox;
  }

  async #drop(network: NetworkRecord): Promise<void> {
    this.store.remove(network.id);
    this.#addresses.forget(network.id);
    await this.#resolvers.close(network.id);
    await this.#bridges.remove(network);
  }

  async #undo(sandbox: Sandbox): Promise<void> {
    if (sandbox.path !== machineNetwork) await deleteSandbox(sandbox.path);
    await this.#sandboxes.remove(sandbox.containerId);
    for (const endpoint of sandbox.endpoints) this.#release(endpoint);
  }

  #release(endpoint: Endpoint): void {
    const network = this.#networkOf(endpoint);
    if (network) this.#addresses.release(network, endpoint);
  }

  #newEndpoint({ endpoints }: Sandbox, owner: EndpointOwner, wanted: EndpointRequest): Endpoint {
    const network = this.find(wanted.network);
    const { interfacePrefix } = this.optionsOf(network);
    const { containerId, containerName } = owner;
    return newEndpoint({
      ...{ network, wanted, interfacePrefix, owner: { containerId, containerName } },
      addresses: this.#addresses,
      others: endpoints,
    });
  }

  #wirings(endpoints: readonly Endpoint[]): Wiring[] {
    return endpoints.flatMap((endpoint) => {
      const network = this.#networkOf(endpoint);
      if (!network || endpoint.interfaceName === '') return [];
      const { name, mtu } = this.#bridges.settingsOf(network);
      return [{ endpoint, bridge: name, mtu }];
    });
  }

  #route(sandbox: Sandbox) {
    return defaultRoute(sandbox.endpoints, (endpoint) => this.#networkOf(endpoint));
  }

  #networkOf({ networkId }: Endpoint): NetworkRecord | undefined {
    return this.store.byId(networkId);
  }
}
