import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { decode, encode, type Packet } from 'dns-packet';
import type { Logger } from '../../logger.ts';
import { AnswerCache } from './answer-cache.ts';
import { answerLocally, type NameTable } from './answer.ts';
import { encodeDatagram } from './datagram.ts';
import { forward, frame, unframe } from './forward.ts';
import type { ResolverTarget } from './redirect.ts';
import type { ResolverSockets } from './sockets.ts';

/** Who asks, found by the address that the question came from. */
export interface Client {
  table: NameTable;
  /** For names of the world, as they are now. */
  servers(): Promise<readonly string[]>;
}

export interface ResolverOptions {
  /** null: nobody of ours; the question is dropped. */
  clientAt(address: string): Client | null;
  /** Another number whenever a container has come, gone or changed its name. */
  version(): number;
  log: Logger;
}

type Transport = 'udp' | 'tcp';
/** Questions to others at once, as many as dockerd's; beyond it they are dropped and asked again. */
const maxPending = 1024;
const idleMs = 10_000;
const serverFailure = 2;

/** Answers containers' questions on a pair of sockets, which it closes in the end. */
export class Resolver implements AsyncDisposable {
  readonly target: ResolverTarget;
  readonly #options: ResolverOptions;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #clients = new Set<Socket>();
  readonly #cache: AnswerCache;
  #pending = 0;

  constructor({ udp, tcp }: ResolverSockets, options: ResolverOptions) {
    this.#options = options;
    this.#cache = new AnswerCache(() => options.version());
    this.#udp = udp;
    this.#tcp = tcp;
    const { address, port } = udp.address();
    this.target = { address, port };
    udp.on('error', (error) => options.log.warn({ err: error }, 'the resolver lost a datagram'));
    udp.on('message', (query, from) => {
      const send = (reply: Buffer | null) => reply && udp.send(reply, from.port, from.address, () => undefined);
      const reply = this.#cache.find(query, from.address) ?? this.#answer(query, from.address, 'udp');
      if (reply instanceof Promise) void reply.then(send);
      else send(reply);
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
        const answer = Promise.resolve(this.#answer(next.body, socket.remoteAddress ?? '', 'tcp'));
        void answer.then((reply) => {
          if (reply && !socket.destroyed) socket.write(frame(reply));
        });
      }
    });
  }

  /** At once for names of containers; null: no answer at all. */
  #answer(query: Buffer, from: string, transport: Transport): Buffer | null | Promise<Buffer | null> {
    try {
      const packet = decode(query);
      const client = this.#options.clientAt(from);
      if (!client || packet.type !== 'query') return null;
      const local = answerLocally(packet, client.table);
      if (local) return transport === 'udp' ? this.#datagram(query, from, { local, packet }) : encode(local);
      return this.#forward(query, { packet, client, transport });
    } catch (error) {
      // What is no DNS message gets no answer.
      this.#options.log.debug({ err: error as Error }, 'a question could not be answered');
      return null;
    }
  }

  /** Several addresses change places from answer to answer. */
  #datagram(query: Buffer, from: string, { local, packet }: { local: Packet; packet: Packet }): Buffer {
    const reply = encodeDatagram(local, packet);
    if ((local.answers?.length ?? 0) < 2) this.#cache.keep(query, from, reply);
    return reply;
  }

  async #forward(
    query: Buffer,
    { packet, client, transport }: { packet: Packet; client: Client; transport: Transport },
  ): Promise<Buffer | null> {
    if (this.#pending >= maxPending) return null;
    this.#pending++;
    try {
      return (await forward(query, { servers: await client.servers(), transport })) ?? encode(refusal(packet));
    } catch (error) {
      this.#options.log.debug({ err: error as Error }, 'a question could not be forwarded');
      return encode(refusal(packet));
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
