import type { HostServices, PortRequest, Publication, PublishedPort } from '../api/index.ts';
import { JsonFile } from '../storage/json-store.ts';
import type { ContainerPorts } from './dependencies.ts';

const layoutVersion = 1;
const waitForHostMs = 5_000;
/** What publications of the first engines lack. */
const added = { targetIpv6: '', direct: false };

export interface Host {
  /** Whichever daemon is connected; throws when none is. */
  services(): HostServices;
  /** Resolves once one is. */
  connected(signal: AbortSignal): Promise<unknown>;
}

/** The packet filter of this machine. */
export interface PortFilter {
  restore(publications: readonly Publication[]): Promise<void>;
  open(containerId: string, ports: readonly PublishedPort[]): Promise<void>;
  close(containerId: string): Promise<void>;
}

/**
 * Asks the host for ports and remembers what it gave: for inspect, and for a daemon that connects anew. On disk, too,
 * because containers outlive the agent.
 */
export class HostPorts implements ContainerPorts {
  readonly #host: Host;
  readonly #filter: PortFilter;
  readonly #file: JsonFile<Publication[]>;
  readonly #published = new Map<string, PublishedPort[]>();

  static async open(file: string, host: Host, filter: PortFilter): Promise<HostPorts> {
    const ports = new HostPorts(file, host, filter);
    for (const { containerId, ports: published } of (await ports.#file.read()) ?? []) {
      ports.#published.set(
        containerId,
        published.map((port) => ({ ...added, ...port })),
      );
    }
    return ports;
  }

  /** Brings the filter to what was published before. */
  async restore(): Promise<void> {
    await this.#filter.restore(this.#all());
  }

  private constructor(file: string, host: Host, filter: PortFilter) {
    this.#host = host;
    this.#filter = filter;
    this.#file = new JsonFile(file, layoutVersion);
  }

  async publish(params: { containerId: string; ports: PortRequest[]; routed: PublishedPort[] }): Promise<void> {
    const { containerId, ports, routed } = params;
    const published = [...routed, ...(ports.length === 0 ? [] : await this.#askHost({ containerId, ports }))];
    this.#published.set(containerId, published.sort(byAddress));
    this.#file.write(this.#all());
    await this.#filter.open(containerId, published);
  }

  /** Without a word to the host when nothing is published. */
  async release({ containerId }: { containerId: string }): Promise<void> {
    const published = this.#published.get(containerId);
    if (!published) return;
    await this.#filter.close(containerId);
    this.#published.delete(containerId);
    this.#file.write(this.#all());
    if (published.some(isOnHost)) await this.#host.services()['ports.release']({ containerId });
  }

  publishedBy(containerId: string): PublishedPort[] {
    return this.#published.get(containerId) ?? [];
  }

  /** What the host has to hold. */
  publications(): Publication[] {
    return this.#all().map(({ containerId, ports }) => ({ containerId, ports: ports.filter(isOnHost) }));
  }

  #all(): Publication[] {
    return [...this.#published].map(([containerId, ports]) => ({ containerId, ports }));
  }

  async #askHost(params: { containerId: string; ports: PortRequest[] }): Promise<PublishedPort[]> {
    // Just after a start of the agent the daemon is not back yet; without one, the next line says so.
    await this.#host.connected(AbortSignal.timeout(waitForHostMs)).catch(() => undefined);
    return (await this.#host.services()['ports.publish'](params)).ports;
  }
}

const isOnHost = ({ hostPort }: PublishedPort): boolean => hostPort !== 0;
const isIpv6 = ({ hostIps: [first = ''] }: PublishedPort): boolean => first.includes(':');
/** As dockerd lists them: IPv4 first where a port has one of each. */
const byAddress = (a: PublishedPort, b: PublishedPort): number => Number(isIpv6(a)) - Number(isIpv6(b));
