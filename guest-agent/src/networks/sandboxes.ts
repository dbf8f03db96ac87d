import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { JsonFile } from '../storage/json-store.ts';
import type { Endpoint, Sandbox } from './network.ts';

const layout = 1;

/** What sandboxes of the first engines lack. */
const added = {
  ...{ aliases: [], links: [], gatewayPriority: 0, linkLocalAddresses: [], sysctls: [] },
  ...{ ipv6Address: '', ipv6PrefixLength: 0, ipv6Gateway: '' },
};

/** They had one network, whose interface went without saying. */
const firstInterface = ({ hostInterface }: Endpoint): Partial<Endpoint> => ({
  interfaceName: hostInterface === '' ? '' : 'eth0',
});

/** The sandboxes of running containers, each with a file beside its namespace, so that a later agent knows them. */
export class Sandboxes {
  readonly #dir: string;
  readonly #byContainer = new Map<string, Sandbox>();
  #version = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async load(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#dir)) {
      if (!name.endsWith('.json')) continue;
      const sandbox = await this.#file(name.slice(0, -'.json'.length)).read();
      if (!sandbox) continue;
      const endpoints = sandbox.endpoints.map((endpoint) => ({ ...added, ...firstInterface(endpoint), ...endpoint }));
      this.#byContainer.set(sandbox.containerId, {
        ...sandbox,
        resolvers: sandbox.resolvers ?? [],
        resolver: sandbox.resolver ?? null,
        isStep: sandbox.isStep ?? false,
        endpoints,
      });
    }
  }

  /** Another number after every change. */
  get version(): number {
    return this.#version;
  }

  /** Containers with a namespace and no record: a crash between the two. */
  async abandoned(): Promise<string[]> {
    const names = await readdir(this.#dir);
    return names.filter((name) => !/\.json(\.new)?$/.test(name) && !this.#byContainer.has(name));
  }

  all(): Sandbox[] {
    return [...this.#byContainer.values()];
  }

  get(containerId: string): Sandbox | undefined {
    return this.#byContainer.get(containerId);
  }

  /** Endpoints in a network. */
  endpointsIn(networkId: string): Endpoint[] {
    return this.all().flatMap(({ endpoints }) => endpoints.filter((endpoint) => endpoint.networkId === networkId));
  }

  put(sandbox: Sandbox): void {
    this.#file(sandbox.containerId).write(sandbox);
    this.#byContainer.set(sandbox.containerId, sandbox);
    this.#version++;
  }

  /** No longer shown; its file stays until it is taken apart, for an agent that has to finish that. */
  hide(containerId: string): void {
    this.#byContainer.delete(containerId);
    this.#version++;
  }

  async remove(containerId: string): Promise<void> {
    this.hide(containerId);
    await this.#file(containerId).remove();
  }

  /** Where a container's namespace is mounted. */
  namespacePath(containerId: string): string {
    return path.join(this.#dir, containerId);
  }

  #file(containerId: string): JsonFile<Sandbox> {
    return new JsonFile(path.join(this.#dir, `${containerId}.json`), layout);
  }
}
