import type { FastifyReply } from 'fastify';

/** Docker's way of writing JSON: one trailing newline, and no charset (which Fastify would add to a string). */
export function sendJson(reply: FastifyReply, value: unknown, status = 200): FastifyReply {
  return reply
    .status(status)
    .type('application/json')
    .send(Buffer.from(`${JSON.stringify(value)}\n`));
}

export function sendNothing(reply: FastifyReply, status = 204): FastifyReply {
  return reply.status(status).send();
}

/** Sends the head of an answer whose body comes later; the caller then writes to `reply.raw`. */
export function openStream(reply: FastifyReply, contentType = 'application/json'): void {
  reply.hijack();
  reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'Content-Type': contentType });
  reply.raw.flushHeaders();
}
