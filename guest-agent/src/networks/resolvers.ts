import type { Logger } from '../logger.ts';
import { bridgeAddress } from './bridge-address.ts';
import { nameTable, type NameSources } from './dns/name-table.ts';
import { redirectResolver, type ResolverTarget } from './dns/redirect.ts';
import { type Client, Resolver, type ResolverOptions } from './dns/resolver.ts';
import { openSockets, openSocketsIn, type ResolverSockets } from './dns/sockets.ts';
import { hasInterfaces, leadsNowhere } from './drivers.ts';
import { machineResolvConf, nameservers } from './machine-resolvers.ts';
import { isUserDefined, type NetworkRecord, type Sandbox } from './network.ts';
import type { Sandboxes } from './sandboxes.ts';

export interface ResolversOptions {
  sandboxes: Sandboxes;
  names: NameSources;
  log: Logger;
}

/** True where the network's containers ask 127.0.0.11. */
export const hasResolver = (network: NetworkRecord): boolean => isUserDefined(network) && hasInterfaces(network.driver);

/**
 * A resolver for each network of the user's own that has a container in it, on the bridge's address; and one for each
 * container that is in none with such an address, in its own namespace.
 */
export class Resolvers implements AsyncDisposable {
  readonly #options: ResolversOptions;
  /** By network or by container. */
  readonly #open = new Map<string, Promise<Resolver>>();

  constructor(options: ResolversOptions) {
    this.#options = options;
  }

  /** Who answers a sandbox's questions from a bridge, for its namespace to be made with; null: nobody there. */
  async onBridge({ endpoints, resolver: before }: Sandbox): Promise<ResolverTarget | null> {
    const network = this.#networksOf({ endpoints }).find((each) => hasResolver(each) && bridgeAddress(each) !== '');
    if (!network) return null;
    const address = bridgeAddress(network);
    const port = before?.address === address ? before.port : 0;
    const clientAt = (from: string) => this.#clientAt(network.id, from);
    return await this.#resolver(network.id, clientAt, () => freeSockets({ address, port }));
  }

  /** Points 127.0.0.11 of a namespace that exists to whoever answers now; answers who that is. */
  async connect(sandbox: Sandbox): Promise<ResolverTarget | null> {
    const target = (await this.onBridge(sandbox)) ?? (await this.#inside(sandbox));
    const before = sandbox.resolver;
    const isSame = before?.address === target?.address && before?.port === target?.port;
    if (target && !isSame) await redirectResolver(sandbox.path, target);
    return target;
  }

  /** Closes the resolver of a network or of a container that is gone. */
  async close(id: string): Promise<void> {
    const resolver = this.#open.get(id);
    this.#open.delete(id);
    await (await resolver?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of [...this.#open.keys()]) await this.close(id);
  }

  async #inside(sandbox: Sandbox): Promise<ResolverTarget | null> {
    const { containerId, path, resolver: before } = sandbox;
    if (!this.#networksOf(sandbox).some(hasResolver)) return null;
    const clientAt = () => {
      const asking = this.#options.sandboxes.get(containerId);
      return asking ? this.#clientOf(asking) : null;
    };
    return await this.#resolver(containerId, clientAt, () => openSocketsIn(path, before?.port ?? 0));
  }

  async #resolver(
    id: string,
    clientAt: ResolverOptions['clientAt'],
    open: () => Promise<ResolverSockets>,
  ): Promise<ResolverTarget> {
    const { log, sandboxes, names } = this.#options;
    const version = () => sandboxes.version + names.version();
    const existing = this.#open.get(id);
    const opened = existing ?? open().then((sockets) => new Resolver(sockets, { clientAt, version, log }));
    if (!existing) {
      this.#open.set(id, opened);
      opened.catch(() => this.#open.delete(id));
    }
    return (await opened).target;
  }

  #networksOf({ endpoints }: Pick<Sandbox, 'endpoints'>): NetworkRecord[] {
    return endpoints.flatMap(({ networkId }) => this.#options.names.networkOf(networkId) ?? []);
  }

  #clientAt(networkId: string, address: string): Client | null {
    const asks = ({ endpoints }: Sandbox) =>
      endpoints.some((endpoint) => endpoint.networkId === networkId && endpoint.ipAddress === address);
    const sandbox = this.#options.sandboxes.all().find(asks);
    return sandbox ? this.#clientOf(sandbox) : null;
  }

  #clientOf(sandbox: Sandbox): Client {
    return { table: nameTable(sandbox, this.#options.names), servers: () => this.#serversFor(sandbox) };
  }

  /** A container with internal networks only does not reach the world by its names either. */
  async #serversFor(sandbox: Sandbox): Promise<readonly string[]> {
    if (this.#networksOf(sandbox).every(leadsNowhere)) return [];
    return sandbox.resolvers.length > 0 ? sandbox.resolvers : nameservers((await machineResolvConf()).text);
  }
}

/** The port that containers know already, unless somebody has taken it. */
async function freeSockets({ address, port }: ResolverTarget): Promise<ResolverSockets> {
  try {
    return await openSockets({ address, port });
  } catch (error) {
    if (port === 0) throw error;
    return await openSockets({ address, port: 0 });
  }
}
