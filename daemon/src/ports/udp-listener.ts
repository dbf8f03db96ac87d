import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { readDatagrams, writeDatagram } from '@berth/guest-agent/api';
import type { Dial, ListenOptions, PortListener } from './listener.ts';

/** A client that has been silent for this long is forgotten, as docker-proxy does. */
const silenceMs = 90_000;
/** What a client may send before its way into the guest is open; the rest is lost. */
const mostWaiting = 64;

/** Listens; rejects with the errno of the bind. Every client has a stream of its own, so that answers find back. */
export async function listenUdp({ address, port, target }: ListenOptions, dial: Dial): Promise<PortListener> {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address) });
  const clients = new Map<string, Client>();
  try {
    socket.bind({ address, port, exclusive: true });
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on('error', () => undefined);
  socket.on('message', (datagram, from) => {
    const key = `${from.address} ${from.port}`;
    const client = clients.get(key) ?? new Client({ socket, from, forget: () => clients.delete(key) });
    if (!clients.has(key)) void client.connect(dial, target);
    clients.set(key, client);
    client.send(datagram);
  });
  return { address, port, [Symbol.asyncDispose]: () => close(socket, clients) };
}

interface ClientOptions {
  socket: Socket;
  from: RemoteInfo;
  forget: () => void;
}

class Client {
  readonly #options: ClientOptions;
  readonly #left = new AbortController();
  readonly #silence: NodeJS.Timeout;
  #waiting: Buffer[] = [];
  #stream: Duplex | null = null;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#silence = setTimeout(() => this.close(), silenceMs).unref();
  }

  async connect(dial: Dial, target: ListenOptions['target']): Promise<void> {
    const { socket, from } = this.#options;
    try {
      const stream = await dial({ kind: 'udp', ...target }, this.#left.signal);
      if (this.#left.signal.aborted) return void stream.destroy();
      stream.on('error', () => undefined).once('close', () => this.close());
      readDatagrams(stream, (datagram) => {
        this.#silence.refresh();
        socket.send(datagram, from.port, from.address, () => undefined);
      });
      this.#stream = stream;
      for (const datagram of this.#waiting) writeDatagram(stream, datagram);
      this.#waiting = [];
    } catch {
      // The next datagram has a fresh chance.
      this.close();
    }
  }

  send(datagram: Buffer): void {
    this.#silence.refresh();
    if (this.#stream) writeDatagram(this.#stream, datagram);
    else if (this.#waiting.length < mostWaiting) this.#waiting.push(datagram);
  }

  close(): void {
    clearTimeout(this.#silence);
    this.#options.forget();
    this.#left.abort();
    this.#stream?.destroy();
  }
}

async function close(socket: Socket, clients: Map<string, Client>): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  for (const client of clients.values()) client.close();
}
