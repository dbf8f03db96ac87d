import type { Endpoint, NetworkRecord, Sandbox } from '../network.ts';
import { hostNames } from '../host-gateway.ts';
import type { NameTable } from './answer.ts';

export interface NameSources {
  /** What a container is called everywhere: its name first, then short ID and hostname. */
  namesOf(containerId: string): readonly string[];
  /** Another number whenever a container's names have changed. */
  version(): number;
  networkOf(networkId: string): NetworkRecord | undefined;
  endpointsIn(networkId: string): readonly Endpoint[];
  /** Where the host is reached; empty where it is not. */
  hostAddresses: readonly string[];
}

/** What one container can call the others: those of its networks by name, alias, ID or link, bare or with the network's. */
export function nameTable(sandbox: Sandbox, sources: NameSources): NameTable {
  const peers = sandbox.endpoints.flatMap((own) => {
    const network = sources.networkOf(own.networkId)?.name ?? '';
    return sources.endpointsIn(own.networkId).map((endpoint) => {
      const names = sources.namesOf(endpoint.containerId);
      return { endpoint, network, names: [...names, ...endpoint.aliases], links: linkedAs(own, names) };
    });
  });
  const addresses = ({ endpoint }: { endpoint: Endpoint }) =>
    [endpoint.ipAddress, endpoint.ipv6Address].filter((address) => address !== '');
  return {
    addressesOf(asked) {
      if (hostNames.has(asked)) return sources.hostAddresses.length === 0 ? null : sources.hostAddresses;
      const matches = (name: string, network: string) =>
        name.toLowerCase() === asked || `${name}.${network}`.toLowerCase() === asked;
      const found = peers.filter(({ names, links, network }) =>
        [...names, ...links].some((name) => matches(name, network)),
      );
      return found.length === 0 ? null : found.flatMap(addresses);
    },
    nameOf(address) {
      const found = peers.find((peer) => addresses(peer).includes(address));
      return found ? `${found.names[0]}.${found.network}` : null;
    },
  };
}

/** Links are 'container:alias' and hold for the container that has them alone. */
function linkedAs(own: Endpoint, names: readonly string[]): string[] {
  return own.links
    .map((link) => link.split(':'))
    .filter(([target = '']) => names.includes(target))
    .map(([target = '', alias = target]) => alias);
}
