import { randomBytes } from 'node:crypto';
import { parseBool } from '../api/engine/strconv.ts';
import type { NetworkCreateRequest } from '../api/engine/network.ts';
import { ConflictError, ForbiddenError, InvalidParameterError } from '../api/index.ts';
import type { EventPublisher } from '../events/event.ts';
import { refuseAdvertising } from './advertise-options.ts';
import type { AddressPoolSetting } from './choose-subnets.ts';
import { parseSubnet } from './cidr.ts';
import { refuseConfigMix, withConfiguration } from './config-networks.ts';
import { driverNamed, familiesWithoutGateway, hasInterfaces, refuseSingle } from './drivers.ts';
import { networkEvent } from './network-events.ts';
import type { NetworkSettings } from './network-settings.ts';
import type { NetworkService } from './network-service.ts';
import { type NetworkDriver, type NetworkIpam, type NetworkRecord, predefined } from './network.ts';
import { problemList } from './problem-list.ts';
import { refuseBridge } from './refuse-bridge.ts';
import { askedPools, networkPools } from './request-ipam.ts';
import { checkIpam } from './validate-ipam.ts';

export interface CreateNetworkDependencies {
  networks: NetworkService;
  events: EventPublisher;
  /** The engine's id, from which its unique local IPv6 prefix follows. */
  engineId: string;
  mtu: number;
  addressPools: readonly AddressPoolSetting[];
  /** By driver: options of networks that do not give them themselves. */
  defaultOptions: NetworkSettings['defaultOptions'];
}

/** POST /networks/create. What is wrong is found in dockerd's order. */
export function createNetwork(deps: CreateNetworkDependencies, asked: NetworkCreateRequest): Promise<NetworkRecord> {
  return deps.networks.exclusively(async () => {
    refuseForeign(asked);
    const request = withFamilies(withDefaultOptions(asked, deps.defaultOptions));
    const problems = checkIpam(request.IPAM?.Config ?? [], request.EnableIPv6 === true);
    if (problems.length > 0) throw new InvalidParameterError(`invalid network config:\n${problemList(problems)}`);
    refuseName(deps, request.Name);
    refuseConfigMix(request);
    refuseAdvertising(request.Options ?? {});
    const network = request.ConfigOnly
      ? deps.networks.store.put({ ...recordOf(request, 'null'), ipam: askedPools(request) })
      : await make(deps, request);
    deps.events.publish(networkEvent(network, 'create'));
    return network;
  });
}

async function make(deps: CreateNetworkDependencies, asked: NetworkCreateRequest): Promise<NetworkRecord> {
  const { networks, engineId, addressPools } = deps;
  const driver = driverNamed(asked.Driver || 'bridge');
  if (asked.Ingress) throw new ForbiddenError('Ingress network can only be global scope network');
  const request = withConfiguration(networks.store, asked);
  if (request.Scope === 'swarm')
    throw new ForbiddenError('cannot create a swarm scoped network when swarm is not active');
  const parts = { driver, internal: request.Internal, options: request.Options ?? {} };
  const withoutGateway = familiesWithoutGateway(parts);
  refuseSingle(driver);
  const ipam = await networkPools(request, {
    ...{ addressPools, engineId, withoutGateway },
    networks: networks.store.list(),
    ownInterfaces: networks.store.list().flatMap((network) => networks.bridgeNameOf(network) ?? []),
  });
  const record = { ...recordOf(request, driver), id: randomBytes(32).toString('hex'), ipam };
  refusePools(record);
  if (driver === 'bridge') refuseBridge(deps, record);
  return await networks.add(record);
}

/** Names that the engine's own networks have, and the driver that needs a swarm. */
function refuseForeign({ Name: name, Driver: driver }: NetworkCreateRequest): void {
  if (predefined.has(name)) throw new ForbiddenError(`operation is not permitted on predefined ${name} network `);
  if (driver !== 'overlay') return;
  throw new ForbiddenError(
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  );
}

function refuseName({ networks }: CreateNetworkDependencies, name: string): void {
  if (name.trim() === '') throw new InvalidParameterError('invalid name: name is empty');
  if (networks.store.byName(name)) throw new ConflictError(`network with name ${name} already exists`);
}

function withDefaultOptions(
  request: NetworkCreateRequest,
  defaults: NetworkSettings['defaultOptions'],
): NetworkCreateRequest {
  if (request.ConfigFrom?.Network) return request;
  return { ...request, Options: { ...defaults[request.Driver || 'bridge'], ...request.Options } };
}

/** Which families a network has may be said by a driver option, too. */
function withFamilies(request: NetworkCreateRequest): NetworkCreateRequest {
  return {
    ...request,
    EnableIPv4: request.EnableIPv4 ?? optionFlag(request, 'com.docker.network.enable_ipv4') ?? true,
    EnableIPv6: request.EnableIPv6 ?? optionFlag(request, 'com.docker.network.enable_ipv6') ?? false,
  };
}

function optionFlag({ Options: options }: NetworkCreateRequest, name: string): boolean | null {
  const text = options?.[name];
  if (text === undefined) return null;
  const value = parseBool(text);
  if (value === null) throw new InvalidParameterError(`driver-opt ${JSON.stringify(name)} is not a valid bool`);
  return value;
}

function recordOf(
  request: NetworkCreateRequest,
  driver: NetworkDriver,
): Omit<NetworkRecord, 'id' | 'created' | 'ipam'> {
  return {
    ...{ name: request.Name, driver, configOnly: request.ConfigOnly },
    configFrom: request.ConfigFrom?.Network ?? '',
    enableIPv4: request.EnableIPv4 ?? true,
    enableIPv6: request.EnableIPv6 ?? false,
    internal: request.Internal,
    attachable: request.Attachable,
    ipamOptions: request.IPAM?.Options ?? null,
    options: request.Options ?? {},
    labels: request.Labels ?? {},
  };
}

/** No network takes all addresses there are. */
function refusePools({ driver, ipam, enableIPv4, enableIPv6 }: { driver: NetworkDriver } & PoolParts): void {
  if (!hasInterfaces(driver)) return;
  const isWhole = (family: 4 | 6) =>
    ipam.map(({ subnet }) => parseSubnet(subnet)).some((subnet) => subnet.family === family && subnet.prefix === 0);
  if (enableIPv4 && isWhole(4)) throw new InvalidParameterError('ipv4 pool is empty');
  if (enableIPv6 && isWhole(6)) throw new InvalidParameterError('ipv6 pool is empty');
}

interface PoolParts {
  ipam: readonly NetworkIpam[];
  enableIPv4: boolean;
  enableIPv6: boolean;
}
