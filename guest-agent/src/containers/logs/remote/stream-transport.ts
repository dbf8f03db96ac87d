import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamEndpoint } from './endpoint.ts';
import { StreamConnection } from './stream-connection.ts';
import type { Transport } from './transport.ts';

export interface Reconnecting {
  /** How many times a failed write is tried again, each time over a new connection. */
  attempts: number;
  /** Before each of them. */
  delayMs: number;
}

const dialTimeoutMs = 30_000;

/** Payloads one after the other on a TCP, TLS or unix connection. */
export class StreamTransport implements Transport {
  readonly #connection: StreamConnection;
  readonly #reconnecting: Reconnecting;

  constructor(endpoint: StreamEndpoint, reconnecting: Reconnecting) {
    this.#connection = new StreamConnection(endpoint, { timeoutMs: dialTimeoutMs });
    this.#reconnecting = reconnecting;
  }

  async open(signal: AbortSignal): Promise<void> {
    await this.#connection.open(signal);
  }

  async send(payloads: readonly Buffer[], signal: AbortSignal): Promise<void> {
    const bytes = payloads.length === 1 ? (payloads[0] as Buffer) : Buffer.concat(payloads);
    for (let attempt = 0; ; attempt++) {
      try {
        if (!this.#connection.isOpen) await this.#connection.open(signal);
        return await this.#connection.write(bytes, { signal });
      } catch (error) {
        if (attempt >= this.#reconnecting.attempts || signal.aborted) throw error;
        await sleep(this.#reconnecting.delayMs, undefined, { signal });
      }
    }
  }

  async close(): Promise<void> {
    await this.#connection.finish();
  }
}
