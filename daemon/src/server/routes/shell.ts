import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { AgentTarget } from '../../proxy/agent-target.ts';
import { forward } from '../../proxy/forward.ts';
import { upgrade } from '../../proxy/upgrade.ts';

/** `/v1/shell…` is the agent's `/guest/shell…`. */
export function shellRoutes(app: FastifyInstance, guest: () => AgentTarget): void {
  app.all('/v1/shell/*', (request, reply) => {
    reply.hijack();
    forward(toGuest(request.raw), reply.raw, guest());
  });
}

/** The shell itself is an upgrade. */
export function shellUpgrade(guest: () => AgentTarget) {
  return (request: IncomingMessage, client: Duplex, head: Buffer): void => {
    if (!request.url?.startsWith('/v1/shell?')) return void client.destroy();
    upgrade({ request: toGuest(request), client, head }, guest());
  };
}

function toGuest(request: IncomingMessage): IncomingMessage {
  request.url = request.url?.replace(/^\/v1\//, '/guest/');
  return request;
}
