import type { FastifyInstance } from 'fastify';
import { InvalidParameterError, NotImplementedError, UnavailableError } from '../../api/index.ts';
import { text } from '../query.ts';

const notManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

/** What a dockerd that is in no swarm answers. */
export function swarmRoutes(app: FastifyInstance): void {
  for (const resource of ['swarm', 'nodes', 'services', 'tasks', 'secrets', 'configs']) {
    for (const path of [`/${resource}`, `/${resource}/*`]) {
      app.route({ method: ['GET', 'POST', 'DELETE'], url: path, handler: async () => refuse(notManager) });
    }
  }
  app.post('/swarm/leave', async () => refuse('This node is not part of a swarm'));
  app.post('/swarm/update', async (request) => {
    const version = text(request, 'version');
    if (/^\d+$/.test(version)) refuse(notManager);
    throw new InvalidParameterError(
      `invalid swarm version '${version}': strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`,
    );
  });
  for (const verb of ['init', 'join']) {
    app.post(`/swarm/${verb}`, async () => {
      throw new NotImplementedError(`swarm ${verb}: berth does not have swarm mode`);
    });
  }
}

function refuse(message: string): never {
  throw new UnavailableError(message);
}
