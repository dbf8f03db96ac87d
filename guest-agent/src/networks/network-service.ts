import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { ForbiddenError, NotFoundError } from '../api/index.ts';
import { Mutex } from '../concurrency/mutex.ts';
import type { EventPublisher } from '../events/event.ts';
import type { Fault } from '../faults/fault.ts';
import type { Logger } from '../logger.ts';
import { AddressBook } from './address-book.ts';
import type { BridgeOptions } from './bridge-options.ts';
import { bridgeAddress } from './bridge-address.ts';
import type { BridgesOptions } from './bridges.ts';
import { defaultRoute } from './default-route.ts';
import { hostGatewayAddress } from './host-gateway.ts';
import { Links } from './links.ts';
import { networkEvent } from './network-events.ts';
import type { NetworkStore } from './network-store.ts';
import type { Endpoint, NetworkRecord, Sandbox } from './network.ts';
import { hasResolver, Resolvers } from './resolvers.ts';
import { type EndpointOwner, type EndpointRequest, newEndpoint } from './new-endpoint.ts';
import { PortRules } from './firewall/port-rules.ts';
import { createSandbox, type DefaultRoute, deleteSandbox, unwire, wire, type WirePlan } from './sandbox-links.ts';
import { Sandboxes } from './sandboxes.ts';

export interface NetworkServiceOptions extends BridgesOptions {
  /** What the user says that `host-gateway` is; empty: the engine's choice. */
  hostGatewayIps: readonly string[];
  /** Folder for the namespaces' bind mounts and the record of each sandbox. */
  netnsDir: string;
  /** What a container is called: its name first, then short ID and hostname. */
  namesOf(containerId: string): readonly string[];
  /** Another number whenever a container's names have changed. */
  namesVersion(): number;
  events: EventPublisher;
  log: Logger;
  /** undefined: nothing is made to fail. */
  fault: Fault | undefined;
}

export interface SandboxRequest extends EndpointOwner {
  endpoints: readonly EndpointRequest[];
  /** Resolvers of the container's own choice. */
  resolvers: readonly string[];
  /** Mounts a namespace at the path, where it is not to belong to the machine's own users; absent: a new one. */
  mountNamespace?: ((path: string) => Promise<void>) | undefined;
  /** As {@link Sandbox.isStep}; absent: no. */
  isStep?: boolean;
}

/** Path of the sandbox of a container that shares the machine's network. */
const machineNetwork = '/proc/1/ns/net';

/** Owns networks, bridges, addresses, names and the sandboxes of running containers. */
export class NetworkService implements AsyncDisposable {
  readonly #sandboxes: Sandboxes;
  readonly #resolvers: Resolvers;
  readonly #options: NetworkServiceOptions;
  readonly #addresses = new AddressBook();
  readonly #links: Links;
  readonly #portRules: PortRules;
  /** Networks are made and removed one at a time: they share the rules. */
  readonly #changes = new Mutex();

  constructor(options: NetworkServiceOptions) {
    this.#options = options;
    this.#links = new Links(options);
    this.#portRules = new PortRules(this.#links.bridges.firewall, options.log);
    this.#sandboxes = new Sandboxes(options.netnsDir);
    this.#resolvers = new Resolvers({
      sandboxes: this.#sandboxes,
      names: {
        namesOf: options.namesOf,
        version: options.namesVersion,
        networkOf: (id) => this.store.byId(id),
        endpointsIn: (id) => this.#sandboxes.endpointsIn(id),
        hostAddresses: hostAddresses(options),
      },
      log: options.log,
    });
  }

  get store(): NetworkStore {
    return this.#options.store;
  }

  /** Brings bridges, rules and addresses to what the store and the sandboxes that survived say. Idempotent. */
  async restore(): Promise<void> {
    await this.#links.restore();
    await this.#sandboxes.load();
    for (const containerId of await this.#sandboxes.abandoned()) {
      await deleteSandbox(this.#sandboxes.namespacePath(containerId));
    }
    await this.#links.restoreCables(this.#sandboxes.all().flatMap(({ endpoints }) => endpoints));
    for (const loaded of this.#sandboxes.all()) {
      const sandbox = this.#withoutLost(loaded);
      for (const endpoint of sandbox.endpoints) {
        const network = this.store.byId(endpoint.networkId);
        if (network) this.#addresses.remember(network, endpoint);
      }
      // After a reboot of the machine the namespace is gone, and its container is about to be, too.
      await this.#connectResolver(sandbox).catch((error: unknown) => {
        this.#options.log.warn({ err: error, container: sandbox.containerId }, 'a container has no resolver');
      });
    }
  }

  /** An endpoint whose cable is gone was being taken out when the agent before this one ended. */
  #withoutLost(sandbox: Sandbox): Sandbox {
    const isThere = ({ hostInterface, networkId }: Endpoint) =>
      this.store.byId(networkId)?.driver !== 'bridge' || existsSync(`/sys/class/net/${hostInterface}`);
    const endpoints = sandbox.endpoints.filter(isThere);
    if (endpoints.length === sandbox.endpoints.length) return sandbox;
    const next = { ...sandbox, endpoints };
    this.#sandboxes.put(next);
    return next;
  }

  /** Takes everything down again that {@link restore} made. */
  async teardown(): Promise<void> {
    for (const { containerId } of this.#sandboxes.all()) await this.close(containerId);
    await this[Symbol.asyncDispose]();
    await this.#links.teardown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#portRules[Symbol.asyncDispose]();
    await this.#resolvers[Symbol.asyncDispose]();
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
    return hasResolver(network);
  }

  /** What `host-gateway` stands for; empty where the host is not reached. */
  hostGateways(): readonly string[] {
    const known = hostAddresses(this.#options);
    if (known.length > 0) return known;
    const bridge = this.store.byName('bridge');
    const address = bridge ? bridgeAddress(bridge) : '';
    return address === '' ? [] : [address];
  }

  /** The endpoints on bridges that are the way out, each family's; ports are published on them. */
  waysOut(sandbox: Sandbox): DefaultRoute {
    const { ipv4, ipv6 } = this.#route(sandbox);
    const onBridge = (endpoint: Endpoint | null) =>
      endpoint && this.#networkOf(endpoint)?.driver === 'bridge' ? endpoint : null;
    return { ipv4: onBridge(ipv4), ipv6: onBridge(ipv6) };
  }

  /** Opens published ports in the machine's packet filter. */
  get portRules(): PortRules {
    return this.#portRules;
  }

  optionsOf(network: Pick<NetworkRecord, 'options'>): BridgeOptions {
    return this.#links.bridges.optionsOf(network);
  }

  /** The bridge's interface; null where the driver makes none. */
  bridgeNameOf(network: NetworkRecord): string | null {
    return network.driver === 'bridge' ? this.#links.bridges.settingsOf(network).name : null;
  }

  /** Runs with no other network being made or removed. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#changes.run(work);
  }

  /** Stores a network and makes its bridge; the caller is inside {@link exclusively}. */
  async add(network: Omit<NetworkRecord, 'id' | 'created'> & { id: string }): Promise<NetworkRecord> {
    const record = this.store.put(network);
    await this.#options.fault?.('network-create:after-record', record.id);
    try {
      await this.#links.add(record);
      await this.#options.fault?.('network-create:after-link', record.id);
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
    const { containerId, resolvers, isStep = false } = request;
    const sandbox: Sandbox = {
      containerId,
      id: randomBytes(32).toString('hex'),
      path: this.#sandboxes.namespacePath(containerId),
      endpoints: [],
      resolvers,
      resolver: null,
      isStep,
    };
    try {
      for (const wanted of request.endpoints) sandbox.endpoints.push(this.#newEndpoint(sandbox, request, wanted));
      const isHost = sandbox.endpoints.some((endpoint) => this.#networkOf(endpoint)?.driver === 'host');
      if (isHost) sandbox.path = machineNetwork;
      sandbox.resolver = await this.#resolvers.onBridge(sandbox);
      // Before the namespace, so that a crash leaves nothing that nobody knows of.
      this.#sandboxes.put(sandbox);
      if (!isHost) {
        await request.mountNamespace?.(sandbox.path);
        await createSandbox(sandbox, {
          ...this.#plan(sandbox, sandbox.endpoints),
          isMounted: Boolean(request.mountNamespace),
        });
        await this.#connectResolver(sandbox);
      }
      this.#announceAll(sandbox, 'connect');
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
    this.#announceAll(sandbox, 'disconnect');
  }

  /** Puts a running container into one more network. */
  async attach(containerId: string, containerName: string, wanted: EndpointRequest): Promise<Endpoint> {
    const sandbox = this.#sandbox(containerId);
    const endpoint = this.#newEndpoint(sandbox, { containerId, containerName }, wanted);
    const next = { ...sandbox, endpoints: [...sandbox.endpoints, endpoint] };
    try {
      await wire(sandbox.path, this.#plan(next, [endpoint]));
      await this.#options.fault?.('connect:after-wire', containerId);
      this.#sandboxes.put(next);
      await this.#options.fault?.('connect:after-sandbox', containerId);
      await this.#connectResolver(next);
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
    await this.#options.fault?.('disconnect:after-unwire', containerId);
    this.#sandboxes.put(next);
    await this.#options.fault?.('disconnect:after-sandbox', containerId);
    this.#release(endpoint);
    await this.#connectResolver(next);
    this.#announce(endpoint, 'disconnect');
  }

  /** Whoever is to answer the sandbox's questions does, and an agent to come knows where. */
  async #connectResolver(sandbox: Sandbox): Promise<void> {
    const resolver = await this.#resolvers.connect(sandbox);
    if (resolver?.port === sandbox.resolver?.port && resolver?.address === sandbox.resolver?.address) return;
    this.#sandboxes.put({ ...sandbox, resolver });
  }

  #announceAll({ endpoints, isStep }: Sandbox, action: 'connect' | 'disconnect'): void {
    if (!isStep) for (const endpoint of endpoints) this.#announce(endpoint, action);
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
    await this.#options.fault?.('network-remove:after-record', network.id);
    await this.#resolvers.close(network.id);
    await this.#links.remove(network);
  }

  async #undo(sandbox: Sandbox): Promise<void> {
    await this.#resolvers.close(sandbox.containerId);
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
    if (network.configOnly) throw new ForbiddenError('cannot create endpoint on configuration-only network');
    const { interfacePrefix } = this.optionsOf(network);
    const { containerId, containerName } = owner;
    return newEndpoint({
      ...{ network, wanted, interfacePrefix, owner: { containerId, containerName } },
      addresses: this.#addresses,
      others: endpoints,
    });
  }

  /** To wire some of a sandbox's endpoints. */
  #plan(sandbox: Sandbox, endpoints: readonly Endpoint[]): WirePlan {
    const wirings = endpoints.flatMap((endpoint) => {
      const network = this.#networkOf(endpoint);
      const link = network && this.#links.wireTo(network);
      return link ? [{ endpoint, wire: link }] : [];
    });
    return { wirings, route: this.#route(sandbox) };
  }

  #route(sandbox: Sandbox) {
    return defaultRoute(sandbox.endpoints, (endpoint) => this.#networkOf(endpoint));
  }

  #networkOf({ networkId }: Endpoint): NetworkRecord | undefined {
    return this.store.byId(networkId);
  }
}

/** Where the engine's resolver says that the host is. */
function hostAddresses({ hostGatewayIps, hostAddress }: NetworkServiceOptions): readonly string[] {
  if (hostGatewayIps.length > 0) return hostGatewayIps;
  return hostAddress === null ? [] : [hostGatewayAddress];
}
