import { randomBytes } from 'node:crypto';
import { type AddressBook, noAddresses } from './address-book.ts';
import type { Endpoint, NetworkRecord } from './network.ts';
import { hostInterfaceName, randomMac } from './sandbox-links.ts';

/** A container's wishes for one network; '' and [] where it has none. */
export interface EndpointRequest {
  /** Name or id of the network. */
  network: string;
  ipv4: string;
  ipv6: string;
  macAddress: string;
  aliases: readonly string[];
  links: readonly string[];
  gatewayPriority: number;
}

export interface EndpointOwner {
  containerId: string;
  containerName: string;
}

interface EndpointParts {
  network: NetworkRecord;
  owner: EndpointOwner;
  wanted: EndpointRequest;
  addresses: AddressBook;
  /** Start of interface names in the network, e.g. 'eth'. */
  interfacePrefix: string;
  /** Endpoints that the container has already. */
  others: readonly Endpoint[];
}

/** An endpoint with its addresses taken; drivers other than bridge give it nothing. */
export function newEndpoint({ network, owner, wanted, others, ...parts }: EndpointParts): Endpoint {
  const endpointId = randomBytes(32).toString('hex');
  const { aliases, links, gatewayPriority } = wanted;
  const plain: Endpoint = {
    ...{ ...owner, networkId: network.id, endpointId, aliases, links, gatewayPriority },
    ...{ ...noAddresses, macAddress: '', interfaceName: '', hostInterface: '' },
  };
  if (network.driver !== 'bridge') return plain;
  return {
    ...plain,
    ...parts.addresses.assign(network, wanted),
    macAddress: wanted.macAddress || randomMac(),
    interfaceName: freeName(parts.interfacePrefix, others),
    hostInterface: hostInterfaceName(endpointId),
  };
}

function freeName(prefix: string, others: readonly Endpoint[]): string {
  const taken = new Set(others.map(({ interfaceName }) => interfaceName));
  let index = 0;
  while (taken.has(`${prefix}${index}`)) index++;
  return `${prefix}${index}`;
}
