import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { splice } from '../streams/splice.ts';
import type { AgentTarget, Dialler } from './agent-target.ts';
import { unreachable, writeError } from './answer-error.ts';
import { bulkHead } from './bulk-head.ts';
import { takeSocket } from './take-socket.ts';

type Listener = (chunk: Buffer) => void;

/**
 * Joins a connection with one to the agent, for good, once a request comes on it whose body or answer may be gigabytes:
 * taking every chunk apart and framing it anew costs more than the agent needs for it. Such a request is known by its
 * head, which has to be the next thing read on a connection that had another request before (the stock CLI's ping).
 * Anything else takes the ordinary way: Node's server ends a connection on which it has never seen the whole of a head.
 */
export function passBulk(server: Server, target: () => AgentTarget): void {
  const idle = trackIdle(server);
  server.on('connection', (client: Socket) => {
    const parse = client.listeners('data')[0] as Listener;
    const look = (chunk: Buffer) => {
      const head = idle.has(client) ? bulkHead(chunk) : null;
      const agent = head && target().agent;
      if (agent) void join(client, agent, head);
      else parse.call(client, chunk);
    };
    client.off('data', parse);
    // Whoever takes Node's parser off the connection takes this off: listeners are known by what they wrap.
    client.on('data', Object.assign(look, { listener: parse }));
  });
}

/** Connections whose last request has been read and answered to its end. */
function trackIdle(server: Server): WeakSet<Socket> {
  const idle = new WeakSet<Socket>();
  server.on('request', (request, response) => {
    const { socket } = request;
    idle.delete(socket);
    response.once('close', () => {
      if (request.complete) idle.add(socket);
    });
  });
  return idle;
}

async function join(client: Socket, { dial }: Dialler, head: Buffer): Promise<void> {
  takeSocket(client);
  client.on('error', () => client.destroy());
  client.pause();
  const guest = await dial().catch((error: Error) => error);
  if (guest instanceof Error) return writeError(client, unreachable(guest));
  guest.on('error', () => guest.destroy());
  if (client.destroyed) return void guest.destroy();
  // The agent has nothing more to hear once it has ended.
  guest.once('end', () => guest.end());
  guest.write(head);
  await splice(client, guest);
}
