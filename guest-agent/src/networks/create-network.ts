import { randomBytes } from 'node:crypto';
import type { NetworkCreateRequest } from '../api/engine/network.ts';
import {
  ConflictError,
  ForbiddenError,
  InvalidParameterError,
  NotFoundError,
  NotImplementedError,
} from '../api/index.ts';
import type { EventPublisher } from '../events/event.ts';
import { bridgeOptions } from './bridge-options.ts';
import {
  type AddressPoolSetting,
  defaultAddressPools,
  freeSubnet,
  routedSubnets,
  subnetsInUse,
} from './choose-subnets.ts';
import { formatSubnet, overlaps, parseSubnet, type Subnet } from './cidr.ts';
import { networkEvent } from './network-events.ts';
import type { NetworkService } from './network-service.ts';
import { type NetworkIpam, type NetworkRecord, predefined } from './network.ts';
import { checkIpam } from './validate-ipam.ts';

export interface CreateNetworkDependencies {
  networks: NetworkService;
  events: EventPublisher;
  /** The engine's id, from which its unique local IPv6 prefix follows. */
  engineId: string;
  mtu: number;
  addressPools: readonly AddressPoolSetting[];
}

/** POST /networks/create. */
export function createNetwork(deps: CreateNetworkDependencies, request: NetworkCreateRequest): Promise<NetworkRecord> {
  return deps.networks.exclusively(async () => {
    const { Name: name } = request;
    if (name.trim() === '') throw new InvalidParameterError('invalid name: name is empty');
    if (predefined.has(name)) throw new ForbiddenError(`operation is not permitted on predefined ${name} network `);
    if (deps.networks.store.byName(name)) throw new ConflictError(`network with name ${name} already exists`);
    refuseDriver(request);
    const problems = checkIpam(request.IPAM?.Config ?? []);
    if (problems.length > 0) throw new InvalidParameterError(`invalid network config:\n${problems.join('\n')}`);
    const id = randomBytes(32).toString('hex');
    refuseOptions(deps, id, request.Options ?? {});
    const network = await deps.networks.add({ ...recordOf(request), id, ipam: await addressPools(deps, request) });
    deps.events.publish(networkEvent(network, 'create'));
    return network;
  });
}

function recordOf(request: NetworkCreateRequest): Omit<NetworkRecord, 'id' | 'created' | 'ipam'> {
  return {
    name: request.Name,
    driver: 'bridge',
    enableIPv4: request.EnableIPv4 ?? true,
    enableIPv6: request.EnableIPv6 ?? false,
    internal: request.Internal,
    attachable: request.Attachable,
    ipamOptions: request.IPAM?.Options ?? null,
    options: request.Options ?? {},
    labels: request.Labels ?? {},
  };
}

/** Drivers that exist once, that belong to swarms, that berth does not have, and that nobody has. */
function refuseDriver(request: NetworkCreateRequest): void {
  const driver = request.Driver || 'bridge';
  if (request.Ingress) throw new ForbiddenError('Ingress network can only be global scope network');
  if (request.Scope === 'swarm')
    throw new ForbiddenError('cannot create a swarm scoped network when swarm is not active');
  if (driver === 'host' || driver === 'null')
    throw new ForbiddenError(`only one instance of "${driver}" network is allowed`);
  if (driver === 'overlay') {
    throw new ForbiddenError(
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    );
  }
  if (driver === 'macvlan' || driver === 'ipvlan')
    throw new NotImplementedError(`network driver ${driver}: berth does not have this yet`);
  if (driver !== 'bridge') throw new NotFoundError(`plugin "${driver}" not found`);
  if (request.ConfigOnly || request.ConfigFrom?.Network)
    throw new NotImplementedError('configuration-only networks: berth does not have this yet');
  const ipam = request.IPAM?.Driver || 'default';
  if (ipam !== 'default') throw new NotFoundError(`plugin "${ipam}" not found`);
  if (request.EnableIPv4 === false && request.EnableIPv6 !== true)
    throw new InvalidParameterError('IPv4 or IPv6 must be enabled');
}

function refuseOptions(
  { networks, mtu }: CreateNetworkDependencies,
  id: string,
  options: Record<string, string>,
): void {
  const { name } = bridgeOptions(options, mtu);
  if (name === '') return;
  const taken = networks.store.list().find((network) => networks.bridgeNameOf(network) === name);
  if (taken) {
    throw new ForbiddenError(
      `cannot create network ${id} (${name}): conflicts with network ${taken.id} (${name}): networks have same bridge name`,
    );
  }
  // Linux, IFNAMSIZ: the name ends up in the kernel, and on a shell's input.
  if (!/^[A-Za-z0-9_.-]{1,15}$/.test(name)) {
    throw new InvalidParameterError(`invalid bridge name ${JSON.stringify(name)}: 1 to 15 of A-Z a-z 0-9 _ . -`);
  }
}

/** The pools asked for, and one of the engine's choice for a family that has none. */
async function addressPools(deps: CreateNetworkDependencies, request: NetworkCreateRequest): Promise<NetworkIpam[]> {
  const asked = (request.IPAM?.Config ?? [])
    .filter(({ Subnet: subnet }) => subnet !== '')
    .map((config): NetworkIpam => ({
      subnet: formatSubnet(parseSubnet(config.Subnet)),
      ipRange: config.IPRange,
      gateway: config.Gateway,
      auxiliary: config.AuxiliaryAddress ?? config.AuxiliaryAddresses ?? {},
    }));
  const inUse = subnetsInUse(deps.networks.store.list());
  for (const { subnet } of asked) refuseOverlap(parseSubnet(subnet), inUse);
  const chosen: NetworkIpam[] = [];
  const has = (family: 4 | 6) => asked.some(({ subnet }) => parseSubnet(subnet).family === family);
  const own = deps.networks.store.list().flatMap((network) => deps.networks.bridgeNameOf(network) ?? []);
  const used = [...inUse, ...asked.map(({ subnet }) => parseSubnet(subnet)), ...(await routedSubnets(own))];
  const pools = deps.addressPools.length > 0 ? deps.addressPools : defaultAddressPools;
  const options = { pools, used, machineId: deps.engineId };
  if (request.EnableIPv4 !== false && !has(4)) chosen.push(freeSubnet(4, options));
  if (request.EnableIPv6 && !has(6)) chosen.push(freeSubnet(6, options));
  return [...asked, ...chosen];
}

function refuseOverlap(subnet: Subnet, inUse: readonly Subnet[]): void {
  if (inUse.some((other) => overlaps(other, subnet)))
    throw new ForbiddenError('invalid pool request: Pool overlaps with other one on this address space');
}
