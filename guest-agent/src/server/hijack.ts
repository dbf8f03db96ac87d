import type { IncomingMessage, Server } from 'node:http';
import { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { olderThan } from './api-version.ts';

/** What Node hands over when a client asks for an upgrade: the socket and what it has already read from it. */
interface Upgrade {
  socket: Duplex;
  head: Buffer;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

/**
 * Sends requests with `Connection: Upgrade` through the ordinary routes, so that a hijacked call is validated and
 * refused like any other. WebSocket upgrades are left to their own plugin.
 */
export function routeUpgrades(app: FastifyInstance, server: Server): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') return;
    upgrades.set(request, { socket, head });
    socket.on('error', () => socket.destroy());
    const response = new ServerResponse(request);
    // An upgraded connection carries one exchange only, whatever its outcome.
    response.shouldKeepAlive = false;
    response.assignSocket(socket as never);
    response.once('finish', () => response.detachSocket(socket as never));
    response.once('finish', () => socket.end());
    app.routing(request, response);
  });
}

/** True where the client asked to leave HTTP. */
export const isUpgrade = (request: FastifyRequest): boolean => upgrades.has(request.raw);

/** Since API 1.42 the answer says whether the stream is framed (stdcopy) or raw (a terminal). */
export function streamContentType(request: FastifyRequest, terminal: boolean): string {
  const framed = isUpgrade(request) && !terminal && !olderThan(request, '1.42');
  return framed ? 'application/vnd.docker.multiplexed-stream' : 'application/vnd.docker.raw-stream';
}

/**
 * Takes the connection over and answers 101 (or 200 to a client that did not ask for an upgrade, as dockerd does for
 * old ones; such a client can read, but its input stays unread).
 */
export function hijack(request: FastifyRequest, reply: FastifyReply, options?: { contentType: string }): Duplex {
  const upgrade = upgrades.get(request.raw);
  const contentType = options && { 'Content-Type': options.contentType };
  const headers = { ...(reply.getHeaders() as Record<string, string>), ...contentType };
  reply.hijack();
  if (!upgrade) return plainStream(reply, headers);
  const { socket, head } = upgrade;
  reply.raw.detachSocket(socket as never);
  const protocol = { ...headers, Connection: 'Upgrade', Upgrade: request.headers.upgrade ?? 'tcp' };
  const lines = Object.entries(protocol).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 101 UPGRADED\r\n${lines.join('')}\r\n`);
  if (head.length > 0) socket.unshift(head);
  return socket;
}

function plainStream(reply: FastifyReply, headers: Record<string, string>): Duplex {
  const socket = reply.raw.socket as unknown as Duplex;
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  reply.raw.detachSocket(socket as never);
  socket.write(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`);
  return socket;
}
