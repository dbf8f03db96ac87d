import { endpointSettings, type EndpointSettings } from '../api/engine/endpoint.ts';
import type { Endpoint } from './network.ts';

/** EndpointSettings of a container: what was asked for, and while it runs what was assigned. */
export function endpointView(options: {
  asked: EndpointSettings | null;
  networkId: string;
  endpoint: Endpoint | undefined;
  /** What the container goes by in the network; null where names are not the engine's business. */
  names: readonly string[] | null;
}): EndpointSettings {
  const { asked, endpoint, names, networkId } = options;
  const base = { ...endpointSettings.zero(), ...asked, NetworkID: networkId };
  if (asked?.IPAMConfig) base.IPAMConfig = givenOnly(asked.IPAMConfig);
  if (names) base.DNSNames = dnsNames(names, asked?.Aliases ?? []);
  if (!endpoint) return base;
  return {
    ...base,
    EndpointID: endpoint.endpointId,
    MacAddress: endpoint.macAddress,
    Gateway: endpoint.gateway,
    IPAddress: endpoint.ipAddress,
    IPPrefixLen: endpoint.prefixLength,
    IPv6Gateway: endpoint.ipv6Gateway,
    GlobalIPv6Address: endpoint.ipv6Address,
    GlobalIPv6PrefixLen: endpoint.ipv6PrefixLength,
  };
}

/** Fields without a value are left out. */
function givenOnly(ipam: NonNullable<EndpointSettings['IPAMConfig']>): EndpointSettings['IPAMConfig'] {
  const given = Object.entries(ipam).filter(([, value]) => value !== '' && value !== null);
  return Object.fromEntries(given) as unknown as EndpointSettings['IPAMConfig'];
}

/** In dockerd's order: the name, the aliases, the short ID, the hostname. */
function dnsNames([name = '', ...others]: readonly string[], aliases: readonly string[]): string[] {
  return [...new Set([name, ...aliases, ...others])];
}
