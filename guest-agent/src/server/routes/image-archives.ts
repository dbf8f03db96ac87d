import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Images } from '../../images/images.ts';
import { clientLeft } from '../client-left.ts';
import { olderThan } from '../api-version.ts';
import { streamJson } from '../json-stream.ts';
import { platformParameter } from '../platform-parameter.ts';

/** GET /images/get and /images/{name}/get. A failure before the first byte is answered like any other. */
export async function saveArchive(images: Images, names: string[], { request, reply }: Exchange): Promise<void> {
  const platform = olderThan(request, '1.48') ? undefined : platformParameter(request);
  const open = () => {
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'Content-Type': 'application/x-tar',
    });
    return reply.raw;
  };
  await images.save({ names, platform, open, signal: clientLeft(reply) });
}

/** POST /images/load: failures, too, are lines of the stream. */
export async function loadArchive(images: Images, { request, reply }: Exchange): Promise<void> {
  const platform = olderThan(request, '1.48') ? undefined : platformParameter(request);
  const body = bodyOf(request);
  await streamJson(reply, (write, signal) => images.load(body, { platform, write, signal }), { alwaysOk: true });
}

interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
}

export const bodyOf = (request: FastifyRequest): Readable =>
  (request.body as Readable | undefined) ?? Readable.from([]);
