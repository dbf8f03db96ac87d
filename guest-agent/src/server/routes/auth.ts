import type { FastifyInstance } from 'fastify';
import { authConfig } from '../../api/engine/distribution.ts';
import type { Images } from '../../images/images.ts';
import { clientLeft } from '../client-left.ts';
import { readAnyJson } from '../json-body.ts';
import { sendJson } from '../json-reply.ts';

export function authRoutes(app: FastifyInstance, { images }: { images: Images }): void {
  app.post('/auth', async (request, reply) => {
    const credentials = await readAnyJson(request, authConfig);
    return sendJson(reply, await images.checkLogin(credentials, clientLeft(reply)));
  });
}
