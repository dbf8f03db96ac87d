import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseFilters } from '../../api/engine/filters.ts';
import { createRequest } from '../../api/engine/requests.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { Container } from '../../containers/container.ts';
import type { ContainerVerbs } from '../../containers/containers.ts';
import { parsePlatform } from '../../images/platform.ts';
import type { StopOptions } from '../../containers/stop.ts';
import type { WaitCondition } from '../../containers/wait.ts';
import { olderThan } from '../api-version.ts';
import { createFor } from '../compat/create.ts';
import { summariesFor } from '../compat/containers.ts';
import { readJson } from '../json-body.ts';
import { openStream, sendJson, sendNothing } from '../json-reply.ts';
import { flag, has, integer, text } from '../query.ts';
import { clientLeft } from '../client-left.ts';

export interface ContainerRoutesOptions {
  containers: ContainerVerbs;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

export const referenceOf = (request: FastifyRequest): string => (request.params as { id: string }).id;

export function containerRoutes(app: FastifyInstance, { containers }: ContainerRoutesOptions): void {
  const { list, create, inspect, top, kill, resize, remove, wait } = handlers(containers);
  /** A verb without a result: 204. */
  const verb = (run: (container: Container, request: FastifyRequest) => Promise<unknown>): Handler => {
    return async (request, reply) => {
      await run(containers.get(referenceOf(request)), request);
      return sendNothing(reply);
    };
  };

  app.get('/containers/json', list);
  app.post('/containers/create', create);
  app.post('/containers/prune', async (request, reply) =>
    sendJson(reply, await containers.prune(parseFilters(text(request, 'filters')))),
  );
  app.get('/containers/:id/json', inspect);
  app.get('/containers/:id/top', top);
  app.post('/containers/:id/wait', wait);
  app.delete('/containers/:id', remove);
  app.post(
    '/containers/:id/start',
    verb((container, request) => {
      if (text(request, 'checkpoint') !== '')
        throw new InvalidParameterError('checkpoint is only supported in experimental mode');
      return containers.start(container);
    }),
  );
  app.post(
    '/containers/:id/stop',
    verb((container, request) => containers.stop(container, stopOptions(request))),
  );
  app.post(
    '/containers/:id/restart',
    verb((container, request) => containers.restart(container, stopOptions(request))),
  );
  app.post(
    '/containers/:id/pause',
    verb((container) => containers.pause(container)),
  );
  app.post(
    '/containers/:id/unpause',
    verb((container) => containers.unpause(container)),
  );
  app.post(
    '/containers/:id/rename',
    verb((container, request) => containers.rename(container, text(request, 'name'))),
  );
  app.post('/containers/:id/kill', kill);
  app.post('/containers/:id/resize', resize);
}

function handlers(containers: ContainerVerbs) {
  const named = (request: FastifyRequest): Container => containers.get(referenceOf(request));
  return {
    async list(request: FastifyRequest, reply: FastifyReply) {
      const filters = parseFilters(text(request, 'filters'));
      const limit = Math.max(0, integer(request, 'limit', 0));
      const found = await containers.list({ all: flag(request, 'all'), limit, size: flag(request, 'size'), filters });
      return sendJson(reply, summariesFor(request, found));
    },
    async create(request: FastifyRequest, reply: FastifyReply) {
      const { body, warnings: early, ...asked } = createFor(request, await readJson(request, createRequest));
      const platform = olderThan(request, '1.41') ? '' : text(request, 'platform');
      const options = { ...asked, name: text(request, 'name'), platform: platform ? parsePlatform(platform) : null };
      const { container, warnings } = await containers.create(body, options);
      return sendJson(reply, { Id: container.id, Warnings: [...warnings, ...early] }, 201);
    },
    async inspect(request: FastifyRequest, reply: FastifyReply) {
      return sendJson(reply, await containers.inspect(named(request), flag(request, 'size')));
    },
    async top(request: FastifyRequest, reply: FastifyReply) {
      return sendJson(reply, await containers.top(named(request), text(request, 'ps_args')));
    },
    async kill(request: FastifyRequest, reply: FastifyReply) {
      await containers.kill(referenceOf(request), text(request, 'signal'));
      return sendNothing(reply);
    },
    async resize(request: FastifyRequest, reply: FastifyReply) {
      await containers.resize(named(request), terminalSize(request));
      return sendNothing(reply, 200);
    },
    async remove(request: FastifyRequest, reply: FastifyReply) {
      if (flag(request, 'link')) {
        await containers.removeLink(referenceOf(request));
        return sendNothing(reply);
      }
      const options = {
        removeVolumes: flag(request, 'v'),
        force: flag(request, 'force'),
        reference: referenceOf(request),
      };
      await containers.remove(named(request), options);
      return sendNothing(reply);
    },
    async wait(request: FastifyRequest, reply: FastifyReply) {
      const result = containers.wait(named(request), waitCondition(request), clientLeft(reply));
      // The header goes out at once: the CLI starts the container only when it knows that somebody waits.
      openStream(reply);
      const { statusCode, error } = await result.catch(() => ({ statusCode: 0, error: '' }));
      reply.raw.end(
        `${JSON.stringify({ StatusCode: statusCode, ...(error !== '' && { Error: { Message: error } }) })}\n`,
      );
    },
  };
}

function stopOptions(request: FastifyRequest): StopOptions {
  return {
    signal: olderThan(request, '1.42') ? '' : text(request, 'signal'),
    timeoutSeconds: has(request, 't') && text(request, 't') !== '' ? integer(request, 't', 0) : null,
    reference: referenceOf(request),
  };
}

const conditions: readonly string[] = ['not-running', 'next-exit', 'removed'];

function waitCondition(request: FastifyRequest): WaitCondition {
  const condition = text(request, 'condition') || 'not-running';
  if (olderThan(request, '1.30')) return 'not-running';
  if (!conditions.includes(condition)) throw new InvalidParameterError(`invalid condition: "${condition}"`);
  return condition as WaitCondition;
}

/** `h` and `w`, with Docker's words for what is no number. */
export function terminalSize(request: FastifyRequest): { height: number; width: number } {
  const dimension = (name: string, noun: string) => {
    const value = text(request, name);
    if (!/^-?\d+$/.test(value)) throw new InvalidParameterError(`invalid resize ${noun} "${value}": invalid syntax`);
    if (value.startsWith('-') || Number(value) > 2 ** 32 - 1)
      throw new InvalidParameterError(`invalid resize ${noun} "${value}": value out of range`);
    return Number(value);
  };
  return { height: dimension('h', 'height'), width: dimension('w', 'width') };
}
