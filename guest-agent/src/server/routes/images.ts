import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseFilters } from '../../api/engine/filters.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { Images } from '../../images/images.ts';
import { repoTagReference } from '../../images/reference.ts';
import { olderThan } from '../api-version.ts';
import { inspectFor, summariesFor } from '../compat/images.ts';
import { sendJson } from '../json-reply.ts';
import { decodePlatform } from '../platform-parameter.ts';
import { flag, text, texts } from '../query.ts';
import { loadArchive, saveArchive } from './image-archives.ts';
import { searchImages } from './image-search.ts';
import { pushImage } from './image-push.ts';
import { createImage } from './image-create.ts';

export interface ImageRoutesOptions {
  images: Images;
}

type Handler = (request: FastifyRequest, reply: FastifyReply, name: string) => Promise<unknown>;

/** Names hold slashes, so what follows the name is looked up here. */
export function imageRoutes(app: FastifyInstance, { images }: ImageRoutesOptions): void {
  const get: Record<string, Handler> = {
    json: inspect,
    history,
    get: (request, reply, name) => saveArchive(images, [name], { request, reply }),
  };
  const post: Record<string, Handler> = {
    tag,
    push: (request, reply, name) => pushImage(images, name, { request, reply }),
  };
  app.get('/images/json', list);
  app.get('/images/search', (request, reply) => searchImages(images, request, reply));
  app.get('/images/get', (request, reply) => saveArchive(images, texts(request, 'names'), { request, reply }));
  app.get('/images/*', (request, reply) => dispatch(get, request, reply));
  app.post('/images/create', (request, reply) => createImage(images, request, reply));
  app.post('/images/load', (request, reply) => loadArchive(images, { request, reply }));
  app.post('/images/prune', prune);
  app.post('/images/*', (request, reply) => dispatch(post, request, reply));
  app.delete('/images/*', (request, reply) => removeImage(images, request, reply));

  async function list(request: FastifyRequest, reply: FastifyReply) {
    let filters = parseFilters(text(request, 'filters'));
    if (olderThan(request, '1.41') && text(request, 'filter'))
      filters = filters.with('reference', text(request, 'filter'));
    const summaries = await images.list({
      filters,
      all: flag(request, 'all'),
      sharedSize: !olderThan(request, '1.42') && flag(request, 'shared-size'),
      manifests: !olderThan(request, '1.47') && flag(request, 'manifests'),
    });
    return sendJson(reply, summariesFor(request, summaries));
  }

  async function inspect(request: FastifyRequest, reply: FastifyReply, name: string) {
    const manifests = !olderThan(request, '1.48') && flag(request, 'manifests');
    const platform = olderThan(request, '1.49') ? undefined : decodePlatform(text(request, 'platform'));
    if (manifests && platform) {
      throw new InvalidParameterError('conflicting options: manifests and platform options cannot both be set');
    }
    return sendJson(reply, inspectFor(request, await images.inspect(name, { manifests, platform })));
  }

  async function history(request: FastifyRequest, reply: FastifyReply, name: string) {
    const platform = olderThan(request, '1.48') ? undefined : decodePlatform(text(request, 'platform'));
    return sendJson(reply, await images.history(name, platform));
  }

  async function tag(request: FastifyRequest, reply: FastifyReply, name: string) {
    const reference = repoTagReference(text(request, 'repo'), text(request, 'tag'));
    // dockerd answers 200 and does nothing when there is no repo.
    if (!reference) return reply.send();
    await images.tag(name, reference);
    return reply.status(201).send();
  }

  async function prune(request: FastifyRequest, reply: FastifyReply) {
    return sendJson(reply, await images.prune(parseFilters(text(request, 'filters'))));
  }
}

const wildcard = (request: FastifyRequest): string => (request.params as { '*': string })['*'];

/** `name/verb`: the verb is what follows the last slash. */
async function dispatch(handlers: Record<string, Handler>, request: FastifyRequest, reply: FastifyReply) {
  const path = wildcard(request);
  const slash = path.lastIndexOf('/');
  const verb = path.slice(slash + 1);
  const handler = slash > 0 && Object.hasOwn(handlers, verb) ? handlers[verb] : undefined;
  if (!handler) return reply.callNotFound();
  return await handler(request, reply, path.slice(0, slash));
}

async function removeImage(images: Images, request: FastifyRequest, reply: FastifyReply) {
  const force = flag(request, 'force');
  const name = wildcard(request);
  const platforms = olderThan(request, '1.50')
    ? []
    : texts(request, 'platforms').flatMap((json) => decodePlatform(json) ?? []);
  if (platforms.length > 0) return sendJson(reply, await images.removePlatforms(name, { platforms, force }));
  return sendJson(reply, await images.remove(name, { force, prune: !flag(request, 'noprune') }));
}
