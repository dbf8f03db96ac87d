import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { LinkMux, type LinkTarget } from '@berth/guest-agent/api';
import { DialError, type DialTarget } from './driver.ts';

const openTimeoutMs = 15_000;
const upCheckIntervalMs = 20;

/** The daemon's end of a link: every stream goes through one pipe to the agent. Agents may come and go. */
export class GuestLink implements Disposable {
  readonly #mux = new LinkMux({});

  /** Goes on over this pipe, which it owns from now on; streams over an earlier one are reset. */
  attach(carrier: Duplex): void {
    this.#mux.attach(carrier);
  }

  /** Rejects with {@link DialError}; the next dial has a fresh chance. */
  async dial(target: DialTarget, signal?: AbortSignal): Promise<Duplex> {
    if (!this.#mux.isUp) throw new DialError('ECLOSED', 'the guest agent is not there (yet, or it is being restarted)');
    const timeout = AbortSignal.timeout(openTimeoutMs);
    const stream = await this.#mux.open(target, signal ? AbortSignal.any([signal, timeout]) : timeout);
    if (typeof stream !== 'string') return stream;
    const code = stream === 'ok' ? 'ECLOSED' : stream;
    throw new DialError(code, `${describe(target)} in the guest: ${code}`);
  }

  /** Resolves once an agent is on the link; rejects when `signal` aborts. */
  async up(signal: AbortSignal): Promise<void> {
    while (!this.#mux.isUp) await delay(upCheckIntervalMs, undefined, { signal });
  }

  [Symbol.dispose](): void {
    this.#mux[Symbol.dispose]();
  }
}

function describe(target: LinkTarget): string {
  if (target.kind === 'tcp' || target.kind === 'udp') return `${target.host}:${target.port}`;
  return target.kind === 'engine' ? 'the engine' : 'the guest API';
}
