import { isIPv6 } from 'node:net';
import type { Publication, PublishedPort, PortRequest } from '@berth/guest-agent/api';
import { bindPort, ephemeralCursor, type BoundPort } from './bind-port.ts';
import type { Dial, PortListener } from './listener.ts';
import { boundAddress } from './bound-address.ts';
import { listenTcp } from './tcp-listener.ts';
import { listenUdp } from './udp-listener.ts';

export interface PortPublisherOptions {
  dial: Dial;
  /** Guest and host are one machine: its packet filter may carry the bytes instead. */
  sharesHost: boolean;
  /** How long after a port was bound its clients wait for somebody to serve it; 0 for not at all. */
  graceMs?: number;
  /** Where a TCP port of an address is bound; left out: as this system needs it. */
  boundAddress?: (address: string, port: number) => string;
}

const defaultGraceMs = 1_000;

/** The host ports of all containers. Calls for one machine follow one another; none overtakes another. */
export class PortPublisher implements AsyncDisposable {
  readonly #options: PortPublisherOptions;
  readonly #graceMs: number;
  readonly #host: (address: string, port: number) => string;
  readonly #bound = new Map<string, BoundPort[]>();
  readonly #ephemeral = ephemeralCursor();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: PortPublisherOptions) {
    this.#options = options;
    this.#graceMs = options.graceMs ?? defaultGraceMs;
    this.#host = options.boundAddress ?? boundAddress;
  }

  /** Binds all or none; what the container had published and does not ask for again is freed. */
  publish(containerId: string, requests: PortRequest[]): Promise<PublishedPort[]> {
    return this.#inTurn(() => this.#publish(containerId, requests));
  }

  release(containerId: string): Promise<void> {
    return this.#inTurn(() => this.#release(containerId));
  }

  /** Binds again what a machine that ran on still publishes and frees what it does not; tells what could not be. */
  async restore(publications: Publication[]): Promise<{ containerId: string; error: Error }[]> {
    const failures: { containerId: string; error: Error }[] = [];
    const alive = new Set(publications.map(({ containerId }) => containerId));
    for (const gone of [...this.#bound.keys()].filter((id) => !alive.has(id))) await this.release(gone);
    for (const { containerId, ports } of publications) {
      const sameAgain = ports.map((port) => ({ ...port, hostPortFirst: port.hostPort, hostPortLast: port.hostPort }));
      await this.publish(containerId, sameAgain).catch((error: Error) => failures.push({ containerId, error }));
    }
    return failures;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const containerId of [...this.#bound.keys()]) await this.release(containerId);
  }

  async #publish(containerId: string, requests: PortRequest[]): Promise<PublishedPort[]> {
    const before = this.#bound.get(containerId) ?? [];
    const spare = new Set(before);
    await using undo = new AsyncDisposableStack();
    const now: BoundPort[] = [];
    for (const request of requests) {
      const kept = [...spare].find((bound) => serves(bound, request));
      if (kept) spare.delete(kept);
      now.push(kept ?? undo.use(await this.#bind(request, [...now, ...this.#otherThan(containerId)])));
    }
    undo.move();
    this.#bound.set(containerId, now);
    for (const unwanted of spare) await unwanted[Symbol.asyncDispose]();
    return now.map(({ published }, index) => ({
      ...requests[index]!,
      hostPort: published.hostPort,
      hostIps: published.hostIps,
      direct: this.#options.sharesHost,
    }));
  }

  #bind(request: PortRequest, taken: BoundPort[]): Promise<BoundPort> {
    const { protocol, targetIp, targetIpv6, targetPort: port } = request;
    const targetFor = (address: string) => ({ host: isIPv6(address) && targetIpv6 ? targetIpv6 : targetIp, port });
    const listen = (address: string, hostPort: number): Promise<PortListener> => {
      const options = { address, port: hostPort, target: targetFor(address) };
      return protocol === 'udp'
        ? listenUdp(options, this.#options.dial)
        : listenTcp({ ...options, host: this.#host(address, hostPort) }, this.#options.dial, this.#graceMs);
    };
    return bindPort(request, { listen, taken: taken.map(({ published }) => published), ephemeral: this.#ephemeral });
  }

  #otherThan(containerId: string): BoundPort[] {
    return [...this.#bound].filter(([id]) => id !== containerId).flatMap(([, bound]) => bound);
  }

  async #release(containerId: string): Promise<void> {
    const bound = this.#bound.get(containerId) ?? [];
    this.#bound.delete(containerId);
    for (const port of bound) await port[Symbol.asyncDispose]();
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** What is bound already is what is asked for. */
function serves({ published }: BoundPort, request: PortRequest): boolean {
  const anyPort = request.hostPortFirst === 0;
  return (
    published.protocol === request.protocol &&
    published.hostIp === request.hostIp &&
    published.targetIp === request.targetIp &&
    published.targetIpv6 === request.targetIpv6 &&
    published.targetPort === request.targetPort &&
    (anyPort || (published.hostPort >= request.hostPortFirst && published.hostPort <= request.hostPortLast))
  );
}
