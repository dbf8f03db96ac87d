import type { NetworkService } from './network-service.ts';
import type { NetworkRecord } from './network.ts';

/** Network of the Engine API. `withContainers` false: as in a list, where Docker leaves them empty. */
export function networkView(network: NetworkRecord, service: NetworkService, withContainers: boolean): object {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: network.enableIPv6,
    IPAM: {
      Driver: 'default',
      Options: null,
      Config:
        network.ipam.length === 0
          ? null
          : network.ipam.map(({ subnet, gateway }) => ({ Subnet: subnet, Gateway: gateway })),
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: withContainers ? containersIn(network, service) : {},
    Options: network.options,
    Labels: network.labels,
  };
}

function containersIn(network: NetworkRecord, service: NetworkService): object {
  const endpoints = service
    .sandboxes()
    .flatMap((sandbox) => sandbox.endpoints.filter((endpoint) => endpoint.networkId === network.id));
  return Object.fromEntries(
    endpoints.map((endpoint) => [
      endpoint.containerId,
      {
        Name: endpoint.containerName,
        EndpointID: endpoint.endpointId,
        MacAddress: endpoint.macAddress,
        IPv4Address: `${endpoint.ipAddress}/${endpoint.prefixLength}`,
        IPv6Address: '',
      },
    ]),
  );
}
