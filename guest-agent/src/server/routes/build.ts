import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseFilters } from '../../api/engine/filters.ts';
import { InvalidParameterError } from '../../api/errors.ts';
import type { Builder } from '../../builder/builder.ts';
import { olderThan } from '../api-version.ts';
import { buildParameters } from '../build-parameters.ts';
import { sendJson, sendNothing } from '../json-reply.ts';
import { streamJson } from '../json-stream.ts';
import { flag, text } from '../query.ts';
import { bodyOf } from './image-archives.ts';

export function buildRoutes(app: FastifyInstance, { builder }: { builder: Builder }): void {
  app.post('/build', build);
  app.post('/build/cancel', cancel);
  app.post('/build/prune', prune);

  async function build(request: FastifyRequest, reply: FastifyReply) {
    const parameters = buildParameters(request);
    const context = bodyOf(request);
    await streamJson(reply, (write, signal) => builder.build({ request: parameters, context, write, signal }));
  }

  async function cancel(request: FastifyRequest, reply: FastifyReply) {
    const id = text(request, 'id');
    if (id === '') throw new InvalidParameterError('build ID not provided');
    builder.cancel(id);
    return sendNothing(reply, 200);
  }

  async function prune(request: FastifyRequest, reply: FastifyReply) {
    const isOlder = olderThan(request, '1.48');
    const report = await builder.pruneCache({
      all: flag(request, 'all'),
      filters: parseFilters(text(request, 'filters')),
      reservedBytes: (isOlder ? 0 : bytes(request, 'reserved-space')) || bytes(request, 'keep-storage'),
      maxUsedBytes: isOlder ? 0 : bytes(request, 'max-used-space'),
      minFreeBytes: isOlder ? 0 : bytes(request, 'min-free-space'),
    });
    return sendJson(reply, report);
  }
}

function bytes(request: FastifyRequest, name: string): number {
  const given = text(request, name);
  if (given === '' || /^[+-]?\d+$/.test(given)) return Number(given);
  throw new InvalidParameterError(
    `${name} is in bytes and expects an integer, got ${given}: strconv.Atoi: parsing ${JSON.stringify(given)}: invalid syntax`,
  );
}
