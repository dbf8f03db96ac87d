import type { Duplex } from 'node:stream';
import { UnavailableError } from '../api/errors.ts';
import type { GuestServices, HostServices } from '../api/guest/protocol.ts';
import { openSession, type Session } from './rpc.ts';

/** What the agent may ask of the host daemon, whichever daemon that is at the moment. */
export interface HostLink {
  /** Calls reject with {@link UnavailableError} while no daemon is connected, and when it leaves before it answers. */
  readonly host: HostServices;
  readonly connected: boolean;
  /** Resolves as soon as a daemon is connected; rejects when `signal` aborts first. */
  whenConnected(signal: AbortSignal): Promise<void>;
}

/** The present session; a newer one replaces it. */
export class HostSessions implements HostLink, Disposable {
  readonly host: HostServices;
  readonly #services: GuestServices;
  readonly #waiting = new Set<() => void>();
  #session: Session | null = null;

  constructor(services: GuestServices) {
    this.#services = services;
    this.host = {
      'ports.publish': async (params) => this.#present()['ports.publish'](params),
      'ports.release': async (params) => this.#present()['ports.release'](params),
      'files.locate': async (params) => this.#present()['files.locate'](params),
      'files.serve': async (params) => this.#present()['files.serve'](params),
    };
  }

  get connected(): boolean {
    return this.#session !== null;
  }

  accept(stream: Duplex): void {
    this.#session?.[Symbol.dispose]();
    const session = openSession(stream, this.#services);
    this.#session = session;
    void session.closed.then(() => {
      if (this.#session === session) this.#session = null;
    });
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async whenConnected(signal: AbortSignal): Promise<void> {
    if (this.connected) return;
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => reject(signal.reason as Error);
    this.#waiting.add(resolve);
    signal.addEventListener('abort', onAbort);
    try {
      await promise;
    } finally {
      this.#waiting.delete(resolve);
      signal.removeEventListener('abort', onAbort);
    }
  }

  [Symbol.dispose](): void {
    this.#session?.[Symbol.dispose]();
    this.#session = null;
  }

  #present(): HostServices {
    if (this.#session) return this.#session.host;
    throw new UnavailableError('the host daemon is not connected');
  }
}
