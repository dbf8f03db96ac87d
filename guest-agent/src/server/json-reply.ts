import type { FastifyReply } from 'fastify';

/** Docker's way of writing JSON: no charset, one trailing newline. */
export function sendJson(reply: FastifyReply, value: unknown, status = 200): FastifyReply {
  return reply
    .status(status)
    .type('application/json')
    .send(`${JSON.stringify(value)}\n`);
}

export function sendNothing(reply: FastifyReply, status = 204): FastifyReply {
  return reply.status(status).send();
}
