import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseFilters } from '../../api/engine/filters.ts';
import { networkConnectRequest, networkCreateRequest, networkDisconnectRequest } from '../../api/engine/network.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { ContainerVerbs } from '../../containers/containers.ts';
import { createNetwork, type CreateNetworkDependencies } from '../../networks/create-network.ts';
import { listNetworks } from '../../networks/list-networks.ts';
import { networkView } from '../../networks/network-view.ts';
import { pruneNetworks } from '../../networks/prune-networks.ts';
import { removeNetwork } from '../../networks/remove-network.ts';
import { readJson } from '../json-body.ts';
import { sendJson, sendNothing } from '../json-reply.ts';
import { text } from '../query.ts';
import { referenceOf } from './containers.ts';

export interface NetworkRoutesOptions {
  networking: CreateNetworkDependencies;
  containers: ContainerVerbs;
}

export function networkRoutes(app: FastifyInstance, { networking, containers }: NetworkRoutesOptions): void {
  const { networks } = networking;
  app.get('/networks', list);
  app.get('/networks/', list);
  app.get('/networks/:id', inspect);
  app.post('/networks/create', create);
  app.post('/networks/prune', prune);
  app.post('/networks/:id/connect', connect);
  app.post('/networks/:id/disconnect', disconnect);
  app.delete('/networks/:id', remove);

  async function list(request: FastifyRequest, reply: FastifyReply) {
    const chosen = listNetworks(networks, parseFilters(text(request, 'filters')));
    return sendJson(
      reply,
      chosen.map((network) => networkView(network, networks, false)),
    );
  }

  async function inspect(request: FastifyRequest, reply: FastifyReply) {
    return sendJson(reply, networkView(networks.find(referenceOf(request)), networks, true));
  }

  async function create(request: FastifyRequest, reply: FastifyReply) {
    const { id } = await createNetwork(networking, await readJson(request, networkCreateRequest));
    return sendJson(reply, { Id: id, Warning: '' }, 201);
  }

  async function remove(request: FastifyRequest, reply: FastifyReply) {
    await removeNetwork(networking, referenceOf(request));
    return sendNothing(reply);
  }

  async function prune(request: FastifyRequest, reply: FastifyReply) {
    return sendJson(reply, await pruneNetworks(networking, parseFilters(text(request, 'filters'))));
  }

  async function connect(request: FastifyRequest, reply: FastifyReply) {
    const { Container: name, EndpointConfig: settings } = await readJson(request, networkConnectRequest);
    await containers.connect(containerNamed(name), { network: referenceOf(request), settings });
    return sendNothing(reply, 200);
  }

  async function disconnect(request: FastifyRequest, reply: FastifyReply) {
    const { Container: name } = await readJson(request, networkDisconnectRequest);
    await containers.disconnect(containerNamed(name), referenceOf(request));
    return sendNothing(reply, 200);
  }

  function containerNamed(name: string) {
    if (name === '') throw new InvalidParameterError('invalid name or ID supplied: ""');
    return containers.get(name);
  }
}
