import { randomBytes } from 'node:crypto';
import { SystemError } from '../api/index.ts';
import { type AddressBook, noAddresses } from './address-book.ts';
import { hasInterfaces } from './drivers.ts';
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
  /** Of its interface; '': the engine counts them. */
  interfaceName: string;
  linkLocalAddresses: readonly string[];
  /** 'net.ipv4.conf.IFNAME.x=1' */
  sysctls: readonly string[];
}

/** Where nothing but the network matters. */
export const noWishes: Omit<EndpointRequest, 'network'> = {
  ...{ ipv4: '', ipv6: '', macAddress: '', interfaceName: '' },
  ...{ aliases: [], links: [], linkLocalAddresses: [], sysctls: [] },
  gatewayPriority: 0,
};

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

/** An endpoint with its addresses taken; drivers without interfaces give it nothing. */
export function newEndpoint({ network, owner, wanted, others, ...parts }: EndpointParts): Endpoint {
  const endpointId = randomBytes(32).toString('hex');
  const { aliases, links, gatewayPriority, linkLocalAddresses, sysctls } = wanted;
  const plain: Endpoint = {
    ...{ ...owner, networkId: network.id, endpointId, aliases, links, gatewayPriority, linkLocalAddresses, sysctls },
    ...{ ...noAddresses, macAddress: '', interfaceName: '', hostInterface: '' },
  };
  if (!hasInterfaces(network.driver)) return plain;
  const hostInterface = hostInterfaceName(endpointId);
  if (wanted.interfaceName !== '') refuseInterfaceName(wanted.interfaceName, hostInterface);
  return {
    ...plain,
    ...parts.addresses.assign(network, wanted),
    macAddress: network.driver === 'ipvlan' ? '' : wanted.macAddress || randomMac(),
    interfaceName: wanted.interfaceName || freeName(parts.interfacePrefix, others),
    hostInterface,
  };
}

/** Linux, dev_valid_name(); what it takes beyond that would not survive ip(8). In dockerd's words. */
function refuseInterfaceName(name: string, hostInterface: string): void {
  const reason = name.length > 15 ? 'numerical result out of range' : 'invalid argument';
  if (name.length <= 15 && /^[A-Za-z0-9_@+=~][A-Za-z0-9_.@+=~-]*$/.test(name)) return;
  throw new SystemError(
    `failed to add interface ${hostInterface} to sandbox: error renaming interface "${hostInterface}" to ${JSON.stringify(name)}: ${reason}`,
  );
}

function freeName(prefix: string, others: readonly Endpoint[]): string {
  const taken = new Set(others.map(({ interfaceName }) => interfaceName));
  let index = 0;
  while (taken.has(`${prefix}${index}`)) index++;
  return `${prefix}${index}`;
}
