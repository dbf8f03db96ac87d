import type { Publication, PublishedPort } from '../../api/index.ts';
import type { Logger } from '../../logger.ts';
import type { Firewall } from './firewall.ts';

/** The host's own listener knows how to wait for a program that has only just started; the kernel does not. */
const takeoverMs = 1_000;

const needsRules = ({ direct, protocol, hostPort }: PublishedPort): boolean =>
  hostPort === 0 || (direct && protocol === 'tcp');

/** Opens published ports in the packet filter, where that has anything to do with them. */
export class PortRules implements AsyncDisposable {
  readonly #firewall: Firewall;
  readonly #log: Logger;
  readonly #waiting = new Map<string, NodeJS.Timeout>();

  constructor(firewall: Firewall, log: Logger) {
    this.#firewall = firewall;
    this.#log = log;
  }

  /** Opens what an earlier agent had open. */
  async restore(publications: readonly Publication[]): Promise<void> {
    for (const { containerId, ports } of publications) this.#set(containerId, ports);
    await this.#firewall.apply();
  }

  #set(containerId: string, ports: readonly PublishedPort[]): void {
    this.#firewall.setPorts(containerId, ports.filter(needsRules));
  }

  /** Ports that are not on the host are open when it resolves; for those that are, the kernel takes over a little later. */
  async open(containerId: string, ports: readonly PublishedPort[]): Promise<void> {
    await this.close(containerId);
    const routed = ports.filter(({ hostPort }) => hostPort === 0);
    if (routed.length > 0) {
      this.#firewall.setPorts(containerId, routed);
      await this.#firewall.apply();
    }
    if (!ports.some(needsRules)) return;
    const takeOver = () => {
      this.#waiting.delete(containerId);
      this.#set(containerId, ports);
      this.#firewall.apply().catch((error: unknown) => this.#log.error({ err: error }, 'published ports stay relayed'));
    };
    this.#waiting.set(containerId, setTimeout(takeOver, takeoverMs).unref());
  }

  /** Before the host gives the ports to somebody else. */
  async close(containerId: string): Promise<void> {
    clearTimeout(this.#waiting.get(containerId));
    this.#waiting.delete(containerId);
    if (!this.#firewall.hasPorts(containerId)) return;
    this.#firewall.setPorts(containerId, []);
    await this.#firewall.apply();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }
}
