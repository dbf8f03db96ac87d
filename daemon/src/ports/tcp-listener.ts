import { once } from 'node:events';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { splice } from '../streams/splice.ts';
import type { Dial, ListenOptions, PortListener } from './listener.ts';

const retryMs = 20;

interface TcpListenOptions extends ListenOptions {
  /** Every address, where the port cannot be bound on the one alone: clients of others are reset. Left out: that one. */
  host?: string;
}

/**
 * Listens; rejects with the errno of the bind. A client gets a reset when nobody serves the target; one that comes
 * within `graceMs` waits that long, since the program that was only just started may not listen yet.
 */
export async function listenTcp(options: TcpListenOptions, dial: Dial, graceMs = 0): Promise<PortListener> {
  const { address, port, host = address } = options;
  const patient = retryUntil(performance.now() + graceMs, dial);
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    // The system gave the port on every address only.
    if (host !== address && client.localAddress !== address) return void client.resetAndDestroy();
    clients.add(client);
    client.once('close', () => clients.delete(client));
    void forward(client, options.target, patient);
  });
  server.listen({ host, port, ipv6Only: isIPv6(host), backlog: 4096 });
  await once(server, 'listening');
  server.on('error', () => undefined);
  return { address, port, [Symbol.asyncDispose]: () => close(server, clients) };
}

function retryUntil(deadlineMs: number, dial: Dial): Dial {
  return async (target, signal) => {
    for (;;) {
      try {
        return await dial(target, signal);
      } catch (error) {
        if (performance.now() >= deadlineMs || signal.aborted) throw error;
        await setTimeout(retryMs, undefined, { signal });
      }
    }
  };
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
