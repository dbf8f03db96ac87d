import { ForbiddenError, InvalidParameterError } from '../api/index.ts';
import { gatewayOf, wayOutNames } from './address-book.ts';
import { bridgeOptions } from './bridge-options.ts';
import { withPrefix } from './bridge.ts';
import { overlaps, parseSubnet, type Subnet } from './cidr.ts';
import type { NetworkService } from './network-service.ts';
import type { NetworkIpam, NetworkRecord } from './network.ts';

type NewBridge = Pick<NetworkRecord, 'id' | 'ipam' | 'options' | 'enableIPv4' | 'enableIPv6' | 'internal'>;

/** What the bridge driver does not take, in dockerd's words. */
export function refuseBridge(deps: { networks: NetworkService; mtu: number }, network: NewBridge): void {
  if (!network.enableIPv4 && !network.enableIPv6) throw new InvalidParameterError('IPv4 or IPv6 must be enabled');
  for (const family of [4, 6] as const) {
    const pools = network.ipam.filter(({ subnet }) => parseSubnet(subnet).family === family);
    const isEnabled = family === 4 ? network.enableIPv4 : network.enableIPv6;
    if (isEnabled && pools.length > 1) throw new ForbiddenError("bridge driver doesn't support multiple subnets");
    if (family === 6 && isEnabled && pools[0]) refuseIpv6(pools[0]);
  }
  if (network.internal && network.ipam.some(({ auxiliary }) => auxiliary[wayOutNames[4]] !== undefined))
    throw new InvalidParameterError('no gateway can be set on an internal bridge network');
  refuseBridgeName(deps, network);
}

const linkLocal = parseSubnet('fe80::/64');
const multicast = parseSubnet('ff00::/8');
const isSame = (a: Subnet, b: Subnet): boolean => a.base === b.base && a.prefix === b.prefix;

function refuseIpv6(ipam: NetworkIpam): void {
  const subnet = parseSubnet(ipam.subnet);
  const gateway = gatewayOf(ipam);
  const shown = gateway === '' ? ipam.subnet : withPrefix(gateway, [ipam.subnet]);
  if (overlaps(subnet, multicast)) throw new InvalidParameterError(`multicast subnet '${shown}' is not allowed`);
  if (!isSame(subnet, linkLocal) && overlaps(subnet, linkLocal))
    throw new InvalidParameterError(`'${shown}' clashes with the Link-Local prefix 'fe80::/64'`);
}

function refuseBridgeName(
  { networks, mtu }: { networks: NetworkService; mtu: number },
  { id, options }: NewBridge,
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
