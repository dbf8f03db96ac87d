import { leadsNowhere, routesByInterface } from './drivers.ts';
import type { Endpoint, NetworkRecord } from './network.ts';
import type { DefaultRoute } from './sandbox-links.ts';

const isWayOut = (network: NetworkRecord | undefined): boolean => network !== undefined && !leadsNowhere(network);

/**
 * Who is the way out of a sandbox: the endpoint with the highest gateway priority; of equal ones the first by the
 * network's name, as dockerd decides. Internal networks lead nowhere.
 */
export function defaultRoute(
  endpoints: readonly Endpoint[],
  networkOf: (endpoint: Endpoint) => NetworkRecord | undefined,
): DefaultRoute {
  const isRouted = (endpoint: Endpoint) => routesByInterface(networkOf(endpoint));
  const nameOf = (endpoint: Endpoint) => networkOf(endpoint)?.name ?? '';
  const candidates = endpoints
    .filter((endpoint) => endpoint.interfaceName !== '' && isWayOut(networkOf(endpoint)))
    .sort((a, b) => b.gatewayPriority - a.gatewayPriority || (nameOf(a) < nameOf(b) ? -1 : 1));
  return {
    ipv4: candidates.find((each) => each.ipAddress !== '' && (each.gateway !== '' || isRouted(each))) ?? null,
    ipv6: candidates.find((each) => each.ipv6Address !== '' && (each.ipv6Gateway !== '' || isRouted(each))) ?? null,
  };
}
