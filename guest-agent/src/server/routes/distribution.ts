import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SystemError } from '../../api/index.ts';
import type { Images } from '../../images/images.ts';
import { parseNamed } from '../../images/reference.ts';
import { clientLeft } from '../client-left.ts';
import { sendJson } from '../json-reply.ts';
import { registryAuth } from './image-create.ts';

export function distributionRoutes(app: FastifyInstance, { images }: { images: Images }): void {
  app.get('/distribution/*', async (request: FastifyRequest, reply: FastifyReply) => {
    const path = (request.params as { '*': string })['*'];
    const name = path.replace(/\/json$/, '');
    if (name === path || name === '') return reply.callNotFound();
    if (/^[a-f0-9]{64}$/.test(name)) throw new SystemError('no manifest found for full image ID');
    const options = { credentials: registryAuth(request), signal: clientLeft(reply) };
    return sendJson(reply, await images.inspectDistribution(parseNamed(name), options));
  });
}
