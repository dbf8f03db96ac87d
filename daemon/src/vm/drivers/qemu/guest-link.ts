import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { LinkMux, type LinkTarget } from '@berth/guest-agent/api';
import { connectStream } from '../../connect.ts';
import { DialError, type DialTarget } from '../../driver.ts';

const openTimeoutMs = 15_000;
const connectTimeoutMs = 5_000;
const upCheckIntervalMs = 20;

/**
 * The daemon's end of the link: every stream goes through one virtio-serial port, whose other end here is a unix socket
 * of QEMU's that only its owner can use. It lives as long as QEMU; agents may come and go.
 */
export class GuestLink implements Disposable {
  readonly #mux = new LinkMux({});

  private constructor(carrier: Duplex) {
    this.#mux.attach(carrier);
  }

  static async connect(socketPath: string, signal: AbortSignal): Promise<GuestLink> {
    const either = AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)]);
    return new GuestLink(await connectStream({ path: socketPath }, either));
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
