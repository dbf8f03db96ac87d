import type { NetworkService } from './network-service.ts';
import type { Endpoint, NetworkIpam, NetworkRecord } from './network.ts';

/** Network of the Engine API. `withContainers` false: as in a list, where Docker leaves them empty. */
export function networkView(network: NetworkRecord, service: NetworkService, withContainers: boolean): object {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: network.enableIPv4,
    EnableIPv6: network.enableIPv6,
    IPAM: {
      Driver: 'default',
      Options: network.ipamOptions,
      Config: network.ipam.length === 0 ? null : network.ipam.map(ipamView),
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: network.configFrom },
    ConfigOnly: network.configOnly,
    Containers: withContainers ? containersIn(service.endpointsIn(network.id), service) : {},
    Options: network.options,
    Labels: network.labels,
  };
}

function ipamView({ subnet, ipRange, gateway, auxiliary }: NetworkIpam): object {
  return {
    Subnet: subnet,
    ...(ipRange !== '' && { IPRange: ipRange }),
    ...(gateway !== '' && { Gateway: gateway }),
    ...(Object.keys(auxiliary).length > 0 && { AuxiliaryAddresses: auxiliary }),
  };
}

/** Steps of builds, which have no name, are not shown: BuildKit keeps their namespaces a while for others. */
function containersIn(endpoints: readonly Endpoint[], service: NetworkService): object {
  const cidr = (address: string, prefix: number) => (address === '' ? '' : `${address}/${prefix}`);
  return Object.fromEntries(
    endpoints
      .filter(({ containerName }) => containerName !== '')
      .map((endpoint) => [
        endpoint.containerId,
        {
          Name: service.namesOf(endpoint.containerId)[0] ?? endpoint.containerName,
          EndpointID: endpoint.endpointId,
          MacAddress: endpoint.macAddress,
          IPv4Address: cidr(endpoint.ipAddress, endpoint.prefixLength),
          IPv6Address: cidr(endpoint.ipv6Address, endpoint.ipv6PrefixLength),
        },
      ]),
  );
}
