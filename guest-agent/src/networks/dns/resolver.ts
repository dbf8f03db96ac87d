import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { decode, encode, type Packet } from 'dns-packet';
import type { Logger } from '../../logger.ts';
import { answerLocally, type NameTable } from './answer.ts';
import { forward, frame, unframe } from './forward.ts';
import type { ResolverTarget } from './redirect.ts';
import type { ResolverSockets } from './sockets.ts';

/** Who asks, found by the address that the question came from. */
export interface Client {
  table: NameTable;
  /** For names of the world. */
  servers: readonly string[];
}

export interface ResolverOptions {
  /** null: nobody of ours; the question is dropped. */
  clientAt(address: string): Promise<Client | null>;
  log: Logger;
}

type Transport = 'udp' | 'tcp';
/** More than a resolver of one machine ever has; beyond it questions are dropped and asked again. */
const maxPending = 512;
const idleMs = 10_000;
const serverFailure = 2;

/** Answers containers' questions on a pair of sockets, which it closes in the end. */
export class Resolver implements AsyncDisposable {
  readonly target: ResolverTarget;
  readonly #options: ResolverOptions;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #clients = new Set<Socket>();
  #pending = 0;

  constructor({ udp, tcp }: ResolverSockets, options: ResolverOptions) {
    this.#options = options;
    this.#udp = udp;
    this.#tcp = tcp;
    const { address, port } = udp.address();
    this.target = { address, port };
    udp.on('error', (error) => options.log.warn({ err: error }, 'the resolver lost a datagram'));
    udp.on('message', (query, from) => {
      void this.#answer(query, from.address, 'udp').then((reply) => {
        if (reply) udp.send(reply, from.port, from.address, () => undefined);
      });
    });
    tcp.on('connection', (socket) => this.#serve(socket));
    udp.unref();
    tcp.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.#udp.close();
    this.#tcp.close();
    await once(this.#tcp, 'close');
  }

  #serve(socket: Socket): void {
    this.#clients.add(socket);
    let received: Buffer = Buffer.alloc(0);
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#clients.delete(socket));
    socket.once('end', () => socket.end());
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (let next = unframe(received); next; next = unframe(received)) {
        received = Buffer.from(next.rest);
        void this.#answer(next.body, socket.remoteAddress ?? '', 'tcp').then((reply) => {
          if (reply && !socket.destroyed) socket.write(frame(reply));
        });
      }
    });
  }

  async #answer(query: Buffer, from: string, transport: Transport): Promise<Buffer | null> {
    if (this.#pending >= maxPending) return null;
    this.#pending++;
    try {
      const packet = decode(query);
      const client = await this.#options.clientAt(from);
      if (!client || packet.type !== 'query') return null;
      const local = answerLocally(packet, client.table);
      if (local) return encode(local);
      return (await forward(query, { servers: client.servers, transport })) ?? encode(refusal(packet));
    } catch (error) {
      // What is no DNS message gets no answer.
      this.#options.log.debug({ err: error as Error }, 'a question could not be answered');
      return null;
    } finally {
      this.#pending--;
    }
  }
}

/** SERVFAIL: nobody that could know has answered. */
const refusal = ({ id, questions }: Packet): Packet => ({
  type: 'response',
  ...(id !== undefined && { id }),
  flags: serverFailure,
  ...(questions && { questions }),
});
