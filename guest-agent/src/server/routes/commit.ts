import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createRequest } from '../../api/engine/requests.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { ContainerVerbs } from '../../containers/containers.ts';
import { repoTagReference } from '../../images/reference.ts';
import { readOptionalJson } from '../json-body.ts';
import { sendJson } from '../json-reply.ts';
import { flag, text, texts } from '../query.ts';

export function commitRoutes(app: FastifyInstance, { containers }: { containers: ContainerVerbs }): void {
  app.post('/commit', commit);

  async function commit(request: FastifyRequest, reply: FastifyReply) {
    const config = await readOptionalJson(request, createRequest);
    const reference = repoTagReference(text(request, 'repo'), text(request, 'tag')) ?? null;
    const name = text(request, 'container');
    if (name === '') throw new InvalidParameterError('invalid name or ID supplied: ""');
    const Id = await containers.commit(containers.get(name), {
      ...{ config, reference },
      author: text(request, 'author'),
      comment: text(request, 'comment'),
      changes: texts(request, 'changes'),
      pause: text(request, 'pause') === '' || flag(request, 'pause'),
    });
    return sendJson(reply, { Id }, 201);
  }
}
