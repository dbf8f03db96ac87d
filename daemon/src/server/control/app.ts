import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyInstance } from 'fastify';
import { VmStartError } from '../../vm/driver.ts';
import { ConfigError } from '../../config/config-error.ts';

type Upgrade = (request: IncomingMessage, client: Duplex, head: Buffer) => void;

export interface ControlApp {
  app: FastifyInstance;
  /** What cuts every connection, WebSockets too. */
  connections: Set<{ destroy(): void }>;
}

const bodyLimitBytes = 1024 * 1024;
const messageLimitBytes = 1024;

/** A server for control routes with WebSocket; `otherUpgrade` gets what wants to become something else. */
export async function createControlApp(otherUpgrade: Upgrade): Promise<ControlApp> {
  const app = Fastify({ forceCloseConnections: true, bodyLimit: bodyLimitBytes });
  app.setErrorHandler((error: Error, _request, reply) => reply.status(statusOf(error)).send(bodyOf(error)));
  app.setNotFoundHandler((_request, reply) => reply.status(404).send({ message: 'the control API has no such call' }));
  const sockets = new EventEmitter();
  app.server.on('upgrade', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') sockets.emit('upgrade', request, client, head);
    else otherUpgrade(request, client, head);
  });
  // It only listens for upgrades there: those that are its own.
  const server = sockets as unknown as FastifyInstance['server'];
  await app.register(websocket, {
    options: { server, maxPayload: messageLimitBytes },
    errorHandler: (_error, socket) => socket.terminate(),
  });
  const connections: ControlApp['connections'] = new Set();
  app.server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return { app, connections };
}

function statusOf(error: Error & { statusCode?: number }): number {
  if (error.statusCode !== undefined) return error.statusCode;
  return error instanceof ConfigError ? 400 : 500;
}

function bodyOf(error: Error) {
  return { message: error.message, ...(error instanceof VmStartError && { consoleTail: error.consoleTail }) };
}
