import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseFilters } from '../../api/engine/filters.ts';
import { parseBool, syntaxError } from '../../api/engine/strconv.ts';
import { networkConnectRequest, networkCreateRequest, networkDisconnectRequest } from '../../api/engine/network.ts';
import { InvalidParameterError, NotFoundError } from '../../api/index.ts';
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
  store: { find(reference: string): unknown };
}

export function networkRoutes(app: FastifyInstance, { networking, containers, store }: NetworkRoutesOptions): void {
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
    const verbose = text(request, 'verbose');
    if (verbose !== '' && parseBool(verbose) === null)
      throw new InvalidParameterError(`invalid value for verbose: ${verbose}: ${syntaxError('ParseBool', verbose)}`);
    const scope = text(request, 'scope');
    if (scope !== '' && scope !== 'local') throw new NotFoundError(`network ${referenceOf(request)} not found`);
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
    const { Container: name, Force: force } = await readJson(request, networkDisconnectRequest);
    if (force) refuseMissing(name, referenceOf(request));
    await containers.disconnect(containerNamed(name), referenceOf(request));
    return sendNothing(reply, 200);
  }

  /** By force, dockerd takes out what it finds in the network itself; here nothing is in one that is no container. */
  function refuseMissing(name: string, network: string) {
    networks.find(network);
    if (!store.find(name)) throw new NotFoundError(`endpoint ${name} not found`);
  }

  function containerNamed(name: string) {
    if (name === '') throw new InvalidParameterError('invalid name or ID supplied: ""');
    return containers.get(name);
  }
}
