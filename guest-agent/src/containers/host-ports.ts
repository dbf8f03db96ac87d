import type { HostServices, Publication, PublishedPort } from '../api/index.ts';
import { JsonFile } from '../storage/json-store.ts';
import type { ContainerPorts } from './dependencies.ts';

const layoutVersion = 1;

/**
 * Asks the host for ports and remembers what it gave: for inspect, and for a daemon that connects anew. On disk, too,
 * because containers outlive the agent.
 */
export class HostPorts implements ContainerPorts {
  readonly #host: () => HostServices;
  readonly #file: JsonFile<Publication[]>;
  readonly #published = new Map<string, PublishedPort[]>();

  /** `host` answers whichever daemon is connected. */
  static async open(file: string, host: () => HostServices): Promise<HostPorts> {
    const ports = new HostPorts(file, host);
    for (const { containerId, ports: published } of (await ports.#file.read()) ?? []) {
      ports.#published.set(containerId, published);
    }
    return ports;
  }

  private constructor(file: string, host: () => HostServices) {
    this.#host = host;
    this.#file = new JsonFile(file, layoutVersion);
  }

  async publish(params: Parameters<HostServices['ports.publish']>[0]): Promise<{ ports: PublishedPort[] }> {
    const answer = await this.#host()['ports.publish'](params);
    this.#published.set(params.containerId, answer.ports);
    this.#file.write(this.publications());
    return answer;
  }

  /** Without a word to the host when nothing is published. */
  async release(params: { containerId: string }): Promise<Record<string, never>> {
    if (!this.#published.delete(params.containerId)) return {};
    this.#file.write(this.publications());
    return await this.#host()['ports.release'](params);
  }

  publishedBy(containerId: string): PublishedPort[] {
    return this.#published.get(containerId) ?? [];
  }

  publications(): Publication[] {
    return [...this.#published].map(([containerId, ports]) => ({ containerId, ports }));
  }
}
