import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { splice } from '../streams/splice.ts';
import type { Dial, ListenOptions, PortListener } from './listener.ts';

/** Listens; rejects with the errno of the bind. A client gets a reset when nobody serves the target. */
export async function listenTcp(options: ListenOptions, dial: Dial): Promise<PortListener> {
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    void forward(client, options.target, dial);
  });
  const { address, port } = options;
  server.listen({ host: address, port, ipv6Only: address.includes(':'), backlog: 4096 });
  await once(server, 'listening');
  server.on('error', () => undefined);
  return { address, port, [Symbol.asyncDispose]: () => close(server, clients) };
}

/** The guest is dialled before the client can believe in its connection: no answer there, a reset here. */
async function forward(client: Socket, target: ListenOptions['target'], dial: Dial): Promise<void> {
  const left = new AbortController();
  client.once('close', () => left.abort());
  client.on('error', () => undefined);
  try {
    const guest = await dial({ kind: 'tcp', ...target }, left.signal);
    if (client.destroyed) return void guest.destroy();
    guest.on('error', () => undefined);
    await splice(client, guest);
  } catch {
    client.resetAndDestroy();
  }
}

async function close(server: Server, clients: Set<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const client of clients) client.destroy();
  await closed;
}
