import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseFilters, type Filters } from '../../api/engine/filters.ts';
import { volumeCreateRequest } from '../../api/engine/volume.ts';
import { InvalidParameterError, UnavailableError } from '../../api/index.ts';
import type { Volumes } from '../../volumes/volumes.ts';
import { olderThan } from '../api-version.ts';
import { readOptionalJson } from '../json-body.ts';
import { sendJson, sendNothing } from '../json-reply.ts';
import { flag, text } from '../query.ts';

export interface VolumeRoutesOptions {
  volumes: Volumes;
}

const notSwarm =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

export function volumeRoutes(app: FastifyInstance, { volumes }: VolumeRoutesOptions): void {
  app.get('/volumes', list);
  app.get('/volumes/:name', inspect);
  app.post('/volumes/create', create);
  app.post('/volumes/prune', prune);
  app.put('/volumes/:name', update);
  app.delete('/volumes/:name', remove);

  const nameOf = (request: FastifyRequest): string => (request.params as { name: string }).name;

  async function list(request: FastifyRequest, reply: FastifyReply) {
    return sendJson(reply, volumes.list(listFilters(text(request, 'filters'))));
  }

  async function inspect(request: FastifyRequest, reply: FastifyReply) {
    return sendJson(reply, volumes.inspect(nameOf(request)));
  }

  async function create(request: FastifyRequest, reply: FastifyReply) {
    const body = (await readOptionalJson(request, volumeCreateRequest)) ?? volumeCreateRequest.zero();
    const { Name: name, Driver: driver, DriverOpts: options, Labels: labels } = body;
    if (body.ClusterVolumeSpec && !olderThan(request, '1.42')) throw new UnavailableError(notSwarm);
    const created = await volumes.create({ name, driver, options, labels });
    return sendJson(reply, volumes.inspect(created.name), 201);
  }

  async function prune(request: FastifyRequest, reply: FastifyReply) {
    const filters = parseFilters(text(request, 'filters'));
    return sendJson(reply, await volumes.prune(olderThan(request, '1.42') ? filters.with('all', 'true') : filters));
  }

  async function update(): Promise<never> {
    throw new UnavailableError('volume update only valid for cluster volumes, but swarm is unavailable');
  }

  async function remove(request: FastifyRequest, reply: FastifyReply) {
    await volumes.remove(nameOf(request), flag(request, 'force'));
    return sendNothing(reply);
  }
}

function listFilters(json: string): Filters {
  try {
    return parseFilters(json);
  } catch (error) {
    if (!(error instanceof InvalidParameterError)) throw error;
    throw new InvalidParameterError(`error reading volume filters: ${error.message}`, { cause: error });
  }
}
