import type { HostServices, Publication, PublishedPort } from '../api/index.ts';
import { JsonFile } from '../storage/json-store.ts';
import type { ContainerPorts } from './dependencies.ts';

const layoutVersion = 1;
const waitForHostMs = 5_000;

export interface Host {
  /** Whichever daemon is connected; throws when none is. */
  services(): HostServices;
  /** Resolves once one is. */
  connected(signal: AbortSignal): Promise<unknown>;
}

/**
 * Asks the host for ports and remembers what it gave: for inspect, and for a daemon that connects anew. On disk, too,
 * because containers outlive the agent.
 */
export class HostPorts implements ContainerPorts {
  readonly #host: Host;
  readonly #file: JsonFile<Publication[]>;
  readonly #published = new Map<string, PublishedPort[]>();

  static async open(file: string, host: Host): Promise<HostPorts> {
    const ports = new HostPorts(file, host);
    for (const { containerId, ports: published } of (await ports.#file.read()) ?? []) {
      ports.#published.set(containerId, published);
    }
    return ports;
  }

  private constructor(file: string, host: Host) {
    this.#host = host;
    this.#file = new JsonFile(file, layoutVersion);
  }

  async publish(params: Parameters<HostServices['ports.publish']>[0]): Promise<{ ports: PublishedPort[] }> {
    // Just after a start of the agent the daemon is not back yet; without one, the next line says so.
    await this.#host.connected(AbortSignal.timeout(waitForHostMs)).catch(() => undefined);
    const answer = await this.#host.services()['ports.publish'](params);
    this.#published.set(params.containerId, answer.ports);
    this.#file.write(this.publications());
    return answer;
  }

  /** Without a word to the host when nothing is published. */
  async release(params: { containerId: string }): Promise<Record<string, never>> {
    if (!this.#published.delete(params.containerId)) return {};
    this.#file.write(this.publications());
    return await this.#host.services()['ports.release'](params);
  }

  publishedBy(containerId: string): PublishedPort[] {
    return this.#published.get(containerId) ?? [];
  }

  publications(): Publication[] {
    return [...this.#published].map(([containerId, ports]) => ({ containerId, ports }));
  }
}
