import type { PublishedPort } from '../../api/index.ts';
import type { BridgeSettings } from '../bridge.ts';
import type { Family } from '../cidr.ts';
import { applyRules } from '../ip-tool.ts';
import { openPorts } from './open-port.ts';
import { ruleset } from './rules.ts';

export interface FirewallOptions {
  table: string;
  /** Where the host's loopback services are reached; null: not at all. */
  hostAddress: string | null;
  /** Families that have rules at all. */
  filtered: readonly Family[];
  /** Those that exist when it is called. */
  bridges(): readonly BridgeSettings[];
}

/**
 * The engine's own nftables tables, made anew from what it knows in one transaction per change; nobody else's tables
 * are touched. Changes that come while one is being made are made together.
 */
export class Firewall {
  readonly #options: FirewallOptions;
  readonly #published = new Map<string, readonly PublishedPort[]>();
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(options: FirewallOptions) {
    this.#options = options;
  }

  /** Resolves when the kernel's rules are those of now, or later. */
  apply(): Promise<void> {
    this.#next ??= this.#last
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        const ports = [...this.#published.values()].flatMap(openPorts);
        return (this.#last = applyRules(ruleset({ ...this.#options, bridges: this.#options.bridges(), ports })));
      });
    return this.#next;
  }

  /** For the next {@link apply}; none takes the container's ports out. */
  setPorts(containerId: string, ports: readonly PublishedPort[]): void {
    if (ports.length > 0) this.#published.set(containerId, ports);
    else this.#published.delete(containerId);
  }

  /** True where the rules know ports of the container. */
  hasPorts(containerId: string): boolean {
    return this.#published.has(containerId);
  }

  /** Takes the tables away. */
  async remove(): Promise<void> {
    await this.#last.catch(() => undefined);
    const { table } = this.#options;
    await applyRules(ruleset({ table, hostAddress: null, filtered: [], bridges: [], ports: [] }));
  }
}
