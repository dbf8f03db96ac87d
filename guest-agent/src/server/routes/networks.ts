import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseFilters } from '../../api/engine/filters.ts';
import { hasLabel, type Filters } from '../../api/engine/filters.ts';
import type { NetworkService } from '../../networks/network-service.ts';
import { networkView } from '../../networks/network-view.ts';
import type { NetworkRecord } from '../../networks/network.ts';
import { pruneFilter } from '../../containers/prune.ts';
import { sendJson } from '../json-reply.ts';
import { text } from '../query.ts';
import { referenceOf } from './containers.ts';

const accepted = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

export function networkRoutes(app: FastifyInstance, { networks }: { networks: NetworkService }): void {
  app.get('/networks', list);
  app.get('/networks/', list);
  app.get('/networks/:id', inspect);
  app.post('/networks/prune', prune);

  async function list(request: FastifyRequest, reply: FastifyReply) {
    const filters = parseFilters(text(request, 'filters'));
    filters.validate(accepted);
    const chosen = networks.store.list().filter((network) => matches(network, filters, networks));
    return sendJson(
      reply,
      chosen.map((network) => networkView(network, networks, false)),
    );
  }

  async function inspect(request: FastifyRequest, reply: FastifyReply) {
    return sendJson(reply, networkView(networks.find(referenceOf(request)), networks, true));
  }

  /** The built-in networks are never pruned, and there are no others yet. */
  async function prune(request: FastifyRequest, reply: FastifyReply) {
    const filters = parseFilters(text(request, 'filters'));
    filters.validate(['label', 'label!', 'until']);
    if (filters.has('until')) pruneFilter(filters, Date.now());
    return sendJson(reply, { NetworksDeleted: null });
  }
}

const builtIn = new Set(['bridge', 'host', 'none']);

function matches(network: NetworkRecord, filters: Filters, networks: NetworkService): boolean {
  const oneOf = (name: string, test: (value: string) => boolean) => !filters.has(name) || filters.get(name).some(test);
  const isUsed = () =>
    networks.sandboxes().some((sandbox) => sandbox.endpoints.some((endpoint) => endpoint.networkId === network.id));
  return (
    oneOf('driver', (value) => network.driver === value) &&
    oneOf('id', (value) => network.id.startsWith(value)) &&
    oneOf('name', (value) => network.name.includes(value)) &&
    oneOf('scope', (value) => value === 'local') &&
    oneOf('type', (value) => value === (builtIn.has(network.name) ? 'builtin' : 'custom')) &&
    (!filters.has('dangling') || filters.flag('dangling', false) === (!builtIn.has(network.name) && !isUsed())) &&
    filters.get('label').every((label) => hasLabel(network.labels, label))
  );
}
