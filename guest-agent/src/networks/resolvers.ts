import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Logger } from '../logger.ts';
import { nameTable, type NameSources } from './dns/name-table.ts';
import { redirectResolver } from './dns/redirect.ts';
import { type Client, Resolver } from './dns/resolver.ts';
import { isUserDefined, type NetworkRecord, type Sandbox } from './network.ts';
import type { Sandboxes } from './sandboxes.ts';

export interface ResolversOptions {
  sandboxes: Sandboxes;
  names: NameSources;
  /** IPv4 address of a network's bridge; '' without one. */
  gatewayOf(network: NetworkRecord): string;
  log: Logger;
}

/** A resolver for each network of the user's own that has a container in it. */
export class Resolvers implements AsyncDisposable {
  readonly #options: ResolversOptions;
  readonly #open = new Map<string, Promise<Resolver>>();

  constructor(options: ResolversOptions) {
    this.#options = options;
  }

  /** Points 127.0.0.11 of a sandbox to the resolver of the first network that has one; nowhere if none has. */
  async connect(sandbox: Sandbox): Promise<void> {
    const { names, gatewayOf } = this.#options;
    const networks = sandbox.endpoints.map(({ networkId }) => names.networkOf(networkId));
    const network = networks.find((candidate) => candidate && isUserDefined(candidate) && gatewayOf(candidate) !== '');
    if (!network) return;
    const { port } = await this.#resolver(network);
    await redirectResolver(sandbox.path, { address: gatewayOf(network), port });
  }

  /** True where the network's containers ask 127.0.0.11. */
  serves(network: NetworkRecord): boolean {
    return isUserDefined(network) && network.driver === 'bridge' && this.#options.gatewayOf(network) !== '';
  }

  async close(networkId: string): Promise<void> {
    const resolver = this.#open.get(networkId);
    this.#open.delete(networkId);
    await (await resolver?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const networkId of [...this.#open.keys()]) await this.close(networkId);
  }

  #resolver(network: NetworkRecord): Promise<Resolver> {
    const existing = this.#open.get(network.id);
    if (existing) return existing;
    const opened = Resolver.open({
      address: this.#options.gatewayOf(network),
      port: 0,
      clientAt: (address) => this.#clientAt(network.id, address),
      log: this.#options.log,
    });
    this.#open.set(network.id, opened);
    opened.catch(() => this.#open.delete(network.id));
    return opened;
  }

  async #clientAt(networkId: string, address: string): Promise<Client | null> {
    const { sandboxes, names } = this.#options;
    const asks = ({ endpoints }: Sandbox) =>
      endpoints.some((endpoint) => endpoint.networkId === networkId && endpoint.ipAddress === address);
    const sandbox = sandboxes.all().find(asks);
    if (!sandbox) return null;
    return { table: nameTable(sandbox, names), servers: await this.#serversFor(sandbox) };
  }

  /** A container with internal networks only does not reach the world by its names either. */
  async #serversFor({ endpoints, resolvers }: Sandbox): Promise<readonly string[]> {
    const { names } = this.#options;
    if (endpoints.every(({ networkId }) => names.networkOf(networkId)?.internal)) return [];
    return resolvers.length > 0 ? resolvers : await machineResolvers();
  }
}

/** Read at every question: laptops change networks. */
async function machineResolvers(): Promise<string[]> {
  const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1] as string).filter((a) => isIP(a) !== 0);
}
