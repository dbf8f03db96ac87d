import type { NetworkCreateRequest } from '../api/engine/network.ts';
import { ForbiddenError, InvalidParameterError, NotFoundError, SystemError } from '../api/index.ts';
import { gatewayOf } from './address-book.ts';
import { AddressPool } from './address-pool.ts';
import {
  type AddressPoolSetting,
  defaultAddressPools,
  freeSubnet,
  routedSubnets,
  subnetsInUse,
} from './choose-subnets.ts';
import { type Family, formatSubnet, overlaps, parseSubnet, type Subnet } from './cidr.ts';
import type { NetworkIpam, NetworkRecord } from './network.ts';

export interface IpamOptions {
  /** daemon.json's; empty: Docker's own. */
  addressPools: readonly AddressPoolSetting[];
  engineId: string;
  networks: readonly NetworkRecord[];
  /** Interfaces of the engine's own networks: their routes do not count. */
  ownInterfaces: readonly string[];
  /** Families in which the network has no gateway unless one is asked for. */
  withoutGateway: readonly Family[];
}

/** A network's address pools as they were asked for. */
export function askedPools(request: NetworkCreateRequest, withoutGateway: readonly Family[] = []): NetworkIpam[] {
  return (request.IPAM?.Config ?? [])
    .filter(({ Subnet: subnet }) => subnet !== '')
    .map((config) => {
      const subnet = parseSubnet(config.Subnet);
      return {
        subnet: formatSubnet(subnet),
        ipRange: config.IPRange,
        gateway: config.Gateway,
        hasGateway: config.Gateway !== '' || !withoutGateway.includes(subnet.family),
        auxiliary: config.AuxiliaryAddress ?? config.AuxiliaryAddresses ?? {},
      };
    });
}

/** The pools asked for, and one of the engine's choice for a family that has none. */
export async function networkPools(request: NetworkCreateRequest, options: IpamOptions): Promise<NetworkIpam[]> {
  const ipam = request.IPAM?.Driver || 'default';
  const families = [
    ...(request.EnableIPv4 === false ? [] : ([4] as const)),
    ...(request.EnableIPv6 ? ([6] as const) : []),
  ];
  // It gives out the whole address space of each family, which no driver takes.
  if (ipam === 'null') throw new InvalidParameterError(`ipv${families[0] ?? 4} pool is empty`);
  if (ipam !== 'default') throw new NotFoundError(`plugin ${JSON.stringify(ipam)} not found`);
  const asked = askedPools(request, options.withoutGateway);
  const isEnabled = ({ subnet }: NetworkIpam) => families.includes(parseSubnet(subnet).family);
  checkPools(asked.filter(isEnabled), subnetsInUse(options.networks));
  return [...asked, ...(await chosenPools(families, asked, options))];
}

/** Pools of one request must not overlap either; the gateway and reserved addresses must be free to take. */
function checkPools(asked: readonly NetworkIpam[], inUse: Subnet[]): void {
  for (const ipam of asked) {
    const subnet = parseSubnet(ipam.subnet);
    if (inUse.some((other) => overlaps(other, subnet)))
      throw new ForbiddenError('invalid pool request: Pool overlaps with other one on this address space');
    inUse.push(subnet);
    checkReserved(ipam, subnet);
  }
}

function checkReserved(ipam: NetworkIpam, subnet: Subnet): void {
  const pool = new AddressPool(subnet);
  const reserve = (address: string, what: string) => {
    try {
      pool.reserve(address);
    } catch (error) {
      throw new SystemError(`failed to allocate ${what}: ${(error as Error).message}`, { cause: error });
    }
  };
  const gateway = gatewayOf(ipam);
  if (gateway !== '') reserve(gateway, `gateway (${ipam.gateway})`);
  for (const [name, address] of Object.entries(ipam.auxiliary))
    reserve(address, `secondary ip address (${name}:${address})`);
}

async function chosenPools(
  families: readonly Family[],
  asked: readonly NetworkIpam[],
  { networks, ownInterfaces, addressPools, engineId, withoutGateway }: IpamOptions,
): Promise<NetworkIpam[]> {
  const used = [
    ...subnetsInUse(networks),
    ...asked.map(({ subnet }) => parseSubnet(subnet)),
    ...(await routedSubnets(ownInterfaces)),
  ];
  const pools = addressPools.length > 0 ? addressPools : defaultAddressPools;
  const missing = families.filter((family) => !asked.some(({ subnet }) => parseSubnet(subnet).family === family));
  return missing.map((family) => {
    const pool = freeSubnet(family, { pools, used, machineId: engineId });
    return withoutGateway.includes(family) ? { ...pool, gateway: '', hasGateway: false } : pool;
  });
}
