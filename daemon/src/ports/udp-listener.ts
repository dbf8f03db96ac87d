import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { ListenOptions, PortListener } from './listener.ts';

/** A client that has been silent for this long is forgotten, as docker-proxy does. */
const silenceMs = 90_000;

/** Listens; rejects with the errno of the bind. The target has to be reachable from this host itself. */
export async function listenUdp({ address, port, target }: ListenOptions): Promise<PortListener> {
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
  socket.on('message', (datagram, from) => clientOf({ socket, clients, target, from }).send(datagram));
  return { address, port, [Symbol.asyncDispose]: () => close(socket, clients) };
}

interface Client {
  send(datagram: Buffer): void;
  close(): void;
}

interface Arrival {
  socket: Socket;
  clients: Map<string, Client>;
  target: ListenOptions['target'];
  from: RemoteInfo;
}

/** Every client has a socket of its own towards the target, so that answers find their way back. */
function clientOf(arrival: Arrival): Client {
  const { socket, clients, target, from } = arrival;
  const key = `${from.address} ${from.port}`;
  const known = clients.get(key);
  if (known) return known;
  const inner = createSocket(isIPv6(target.host) ? 'udp6' : 'udp4');
  const close = () => {
    clearTimeout(silence);
    clients.delete(key);
    inner.close();
  };
  const silence = setTimeout(close, silenceMs).unref();
  inner.on('error', () => undefined);
  inner.on('message', (datagram) => {
    silence.refresh();
    socket.send(datagram, from.port, from.address, () => undefined);
  });
  const send = (datagram: Buffer) => {
    silence.refresh();
    inner.send(datagram, target.port, target.host, () => undefined);
  };
  const client = { send, close };
  clients.set(key, client);
  return client;
}

async function close(socket: Socket, clients: Map<string, Client>): Promise<void> {
  for (const client of clients.values()) client.close();
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}
