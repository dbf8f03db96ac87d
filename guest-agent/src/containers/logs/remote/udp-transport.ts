import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { dialError } from './dial.ts';
import type { UdpEndpoint } from './endpoint.ts';
import type { Transport } from './transport.ts';

/** One datagram a payload. Whether anybody listens is not known, as UDP has it. */
export class UdpTransport implements Transport {
  readonly #endpoint: UdpEndpoint;
  #socket: Socket | null = null;

  constructor(endpoint: UdpEndpoint) {
    this.#endpoint = endpoint;
  }

  async open(): Promise<void> {
    const { host, port } = this.#endpoint;
    const { address, family } = await lookup(host).catch((error: unknown) => {
      throw dialError(this.#endpoint, error);
    });
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    // A refusal comes late and belongs to no datagram in particular.
    socket.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', (error) => reject(dialError(this.#endpoint, error)));
      socket.connect(port, address);
    });
    socket.unref();
    this.#socket = socket;
  }

  async send(payloads: readonly Buffer[]): Promise<void> {
    if (!this.#socket) await this.open();
    const results = await Promise.allSettled(payloads.map((payload) => sent(this.#socket as Socket, payload)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async close(): Promise<void> {
    this.#socket?.close();
    this.#socket = null;
    await Promise.resolve();
  }
}

function sent(socket: Socket, payload: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(payload, (error) => {
      const { code } = (error ?? {}) as NodeJS.ErrnoException;
      // Somebody before this datagram was told that nobody listens; this one is on its way.
      if (!error || code === 'ECONNREFUSED') resolve();
      else reject(error);
    });
  });
}
