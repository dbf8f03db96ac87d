import { setTimeout as delay } from 'node:timers/promises';
import type { HostServices } from '@berth/guest-agent/api';
import type { Logger } from '../logger.ts';
import type { RunningVm } from '../vm/driver.ts';
import { openSession, type GuestSession } from './session.ts';

export interface GuestConnectionOptions {
  vm: RunningVm;
  services: HostServices;
  log: Logger;
  /** Runs after every (re)connect, before anybody else gets the session. */
  onConnected: (session: GuestSession) => Promise<void>;
}

const firstBackOffMs = 20;
const longestBackOffMs = 2_000;
/** An agent that does not answer its first questions is no agent: the session is opened anew. */
const welcomeTimeoutMs = 15_000;

/** Keeps a session with the agent for as long as the VM runs: the agent may end and come again. */
export class GuestConnection implements AsyncDisposable {
  readonly #options: GuestConnectionOptions;
  readonly #closing = new AbortController();
  readonly #first = Promise.withResolvers<void>();
  readonly #loop: Promise<void>;
  /** It stands, but is not welcomed yet. */
  #opening: GuestSession | null = null;
  #session: GuestSession | null = null;

  constructor(options: GuestConnectionOptions) {
    this.#options = options;
    this.#first.promise.catch(() => undefined);
    void options.vm.exited.then(({ reason }) => this.#close(new Error(`the machine ended: ${reason}`)));
    this.#loop = this.#stayConnected();
  }

  /** null while the agent cannot be reached. */
  get session(): GuestSession | null {
    return this.#session;
  }

  /** Resolves once the first session stands; rejects when the VM ends or `signal` aborts first. */
  async connected(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
    try {
      await Promise.race([this.#first.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close(new Error('the daemon lets go of the machine'));
    await this.#loop;
  }

  #close(reason: Error): void {
    this.#first.reject(reason);
    this.#closing.abort();
    this.#opening?.[Symbol.dispose]();
  }

  async #stayConnected(): Promise<void> {
    const { signal } = this.#closing;
    for (let backOffMs = firstBackOffMs; !signal.aborted; backOffMs = Math.min(backOffMs * 2, longestBackOffMs)) {
      if (await this.#connectOnce(signal)) backOffMs = firstBackOffMs;
      await delay(backOffMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when the session has ended; false when there was none. */
  async #connectOnce(signal: AbortSignal): Promise<boolean> {
    const { vm, services, log, onConnected } = this.#options;
    try {
      using session = await openSession(await vm.dial({ kind: 'guest' }, signal), services, signal);
      this.#opening = session;
      signal.throwIfAborted();
      await answered(onConnected(session));
      this.#session = session;
      this.#first.resolve();
      await session.closed;
      return true;
    } catch (error) {
      if (!signal.aborted) log.debug({ err: error }, 'the guest agent cannot be reached yet');
      return false;
    } finally {
      this.#opening = null;
      this.#session = null;
    }
  }
}

async function answered(welcome: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('the guest agent does not answer')), welcomeTimeoutMs);
  try {
    await Promise.race([welcome, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
