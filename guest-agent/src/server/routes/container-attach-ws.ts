import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuseAttach } from '../../containers/attach.ts';
import type { ContainerVerbs } from '../../containers/containers.ts';
import { parseDetachKeys } from '../../containers/stdio/detach-keys.ts';
import { olderThan } from '../api-version.ts';
import { flag, text } from '../query.ts';
import { WebSocketStream, type WebSocketLike } from '../web-socket-stream.ts';
import { referenceOf } from './containers.ts';

/** For a client that does not answer a close; dockerd does not wait at all. */
const closeTimeoutMs = 1_000;

/** Attaching over a WebSocket: bytes as they are, never framed, as in dockerd. */
export function containerWebSocketRoutes(app: FastifyInstance, { containers }: { containers: ContainerVerbs }): void {
  void app.register(async (scope) => {
    const options = { server: webSocketUpgrades(app), closeTimeout: closeTimeoutMs };
    await scope.register(websocket, { options });
    scope.route({
      method: 'GET',
      url: '/containers/:id/attach/ws',
      preHandler: check,
      handler: refuse,
      wsHandler: attach,
    });
  });

  /** Runs before the upgrade: what is refused is refused in plain HTTP. */
  async function check(request: FastifyRequest): Promise<void> {
    parseDetachKeys(text(request, 'detachKeys'));
    refuseAttach(containers.get(referenceOf(request)));
  }

  async function refuse(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    return reply.status(400).send('not websocket protocol');
  }

  async function attach(socket: WebSocketLike, request: FastifyRequest): Promise<void> {
    const wanted = (stream: string) => olderThan(request, '1.42') || flag(request, stream);
    const options = {
      logs: flag(request, 'logs'),
      stream: flag(request, 'stream'),
      stdin: wanted('stdin'),
      stdout: wanted('stdout'),
      stderr: wanted('stderr'),
      framed: false,
      detachKeys: parseDetachKeys(text(request, 'detachKeys')),
    };
    const stream = new WebSocketStream(socket, !olderThan(request, '1.28'));
    await containers.attach(containers.get(referenceOf(request)), { options, socket: stream });
  }
}

/** The plugin takes every upgrade that it hears of; the other ones are hijacked (hijack.ts). */
function webSocketUpgrades(app: FastifyInstance): Server {
  const upgrades = new EventEmitter();
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') upgrades.emit('upgrade', request, socket, head);
  });
  return upgrades as Server;
}
