import type { FastifyInstance } from 'fastify';
import { NotModifiedError, statusOf } from '../api/index.ts';
import { errorText } from '../errno-text.ts';
import type { Logger } from '../logger.ts';
import { ClientTooOldError } from './api-version.ts';
import { sendJson } from './json-reply.ts';

/** The one place that turns an error into an answer: `{"message": …}` with the status of its class. */
export function handleErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler(async (error: Error & { statusCode?: number }, request, reply) => {
    const status = fastifyStatus(error) ?? statusOf(error);
    if (status >= 500) log.error({ err: error, method: request.method, url: request.url }, 'request failed');
    reply.status(status);
    if (error instanceof NotModifiedError) return reply.send();
    if (error instanceof ClientTooOldError) {
      return reply.type('text/plain; charset=utf-8').send(`${error.message}\n`);
    }
    return sendJson(reply, { message: errorText(error) }, status);
  });
  app.setNotFoundHandler(async (_request, reply) => sendJson(reply, { message: 'page not found' }, 404));
}

/** Fastify's own refusals (malformed URL, too large a body) carry their status. */
function fastifyStatus(error: { statusCode?: number; code?: string }): number | undefined {
  return error.code?.startsWith('FST_') ? error.statusCode : undefined;
}
