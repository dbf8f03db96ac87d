import type { Endpoint, NetworkRecord } from './network.ts';
import type { DefaultRoute } from './sandbox-links.ts';

/**
 * Who is the way out of a sandbox: the endpoint with the highest gateway priority; of equal ones the first by the
 * network's name, as dockerd decides. Internal networks lead nowhere.
 */
export function defaultRoute(
  endpoints: readonly Endpoint[],
  networkOf: (endpoint: Endpoint) => NetworkRecord | undefined,
): DefaultRoute {
  const nameOf = (endpoint: Endpoint) => networkOf(endpoint)?.name ?? '';
  const candidates = endpoints
    .filter((endpoint) => endpoint.interfaceName !== '' && networkOf(endpoint)?.internal === false)
    .sort((a, b) => b.gatewayPriority - a.gatewayPriority || (nameOf(a) < nameOf(b) ? -1 : 1));
  return {
    ipv4: candidates.find(({ gateway }) => gateway !== '') ?? null,
    ipv6: candidates.find(({ ipv6Gateway }) => ipv6Gateway !== '') ?? null,
  };
}
