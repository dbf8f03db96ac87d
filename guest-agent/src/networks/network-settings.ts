import { InvalidParameterError } from '../api/index.ts';
import { type Family, familyOf, readSubnet } from './cidr.ts';

/** What daemon.json says of networks (dockerd's documentation, "Daemon configuration file"). */
export interface NetworkSettings {
  defaultBridge: DefaultBridgeSettings;
  /** By driver: options of networks that do not give them themselves. */
  defaultOptions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What `host-gateway` stands for, at most one address of a family; empty: the engine's choice. */
  hostGatewayIps: readonly string[];
  /** Families whose packets the engine's rules judge and translate. */
  filtered: readonly Family[];
  /** The machine is told to pass on packets that are not its own. */
  forwards: boolean;
}

export interface DefaultBridgeSettings {
  /** Range of the containers' addresses; '' for the whole subnet. */
  fixedCidr: string;
  ipv6: boolean;
  /** The range of addresses in IPv6, and the subnet where `bip6` says none; '': the engine chooses. */
  fixedCidrV6: string;
  /** CIDR of the bridge with its own address; '': the engine chooses. */
  bip: string;
  bip6: string;
  /** What containers leave by instead of the bridge's own address; '': that. */
  gateway: string;
  gatewayV6: string;
  icc: boolean;
  masquerade: boolean;
  /** Address that ports are published on; '0.0.0.0' for every one. */
  hostBinding: string;
}

/** Throws InvalidParameterError for values that are none. */
export function networkSettings(json: Readonly<Record<string, unknown>>): NetworkSettings {
  const value = <T>(key: string): T | undefined => json[key] as T | undefined;
  const filtered = filteredFamilies(json);
  return {
    defaultBridge: {
      fixedCidr: cidr('fixed-cidr', value('fixed-cidr'), 4),
      ipv6: value<boolean>('ipv6') ?? false,
      fixedCidrV6: cidr('fixed-cidr-v6', value('fixed-cidr-v6'), 6),
      bip: cidr('bip', value('bip'), 4),
      bip6: cidr('bip6', value('bip6'), 6),
      gateway: address('default-gateway', value('default-gateway'), 4),
      gatewayV6: address('default-gateway-v6', value('default-gateway-v6'), 6),
      icc: value<boolean>('icc') ?? true,
      masquerade: (value<boolean>('ip-masq') ?? true) && filtered.includes(4),
      hostBinding: address('ip', value('ip'), 4) || '0.0.0.0',
    },
    defaultOptions: value('default-network-opts') ?? {},
    hostGatewayIps: hostGateways(json),
    filtered,
    forwards: value<boolean>('ip-forward') ?? true,
  };
}

/** Containers that must not reach each other are kept apart by the rules. */
function filteredFamilies(json: Readonly<Record<string, unknown>>): Family[] {
  const isOff = (key: string) => json[key] === false;
  for (const [key, needed] of [
    ['iptables', true],
    ['ip6tables', json['ipv6'] === true],
  ] as const) {
    if (isOff('icc') && isOff(key) && needed)
      throw new InvalidParameterError(`${key}: "icc": false needs it, and it is false; set one of them to true`);
  }
  return [...(isOff('iptables') ? [] : [4 as const]), ...(isOff('ip6tables') ? [] : [6 as const])];
}

function hostGateways(json: Readonly<Record<string, unknown>>): string[] {
  const [one, many] = [json['host-gateway-ip'] as string | undefined, json['host-gateway-ips'] as string[] | undefined];
  if (one && many)
    throw new InvalidParameterError('host-gateway-ip and host-gateway-ips: expected one of them, got both');
  if (!many) return one ? [address('host-gateway-ip', one, familyOf(one) ?? 4)] : [];
  const families = many.map((each) => familyOf(each));
  const isUsable = !families.includes(null) && new Set(families).size === families.length;
  if (isUsable) return many;
  throw new InvalidParameterError(
    `host-gateway-ips: expected at most one IPv4 and one IPv6 address, got ${many.join(', ')}`,
  );
}

function cidr(key: string, given: string | undefined, family: Family): string {
  if (!given) return '';
  if (readSubnet(given)?.family === family) return given;
  throw new InvalidParameterError(`${key}: expected an IPv${family} network in CIDR notation, got ${given}`);
}

function address(key: string, given: string | undefined, family: Family): string {
  if (!given) return '';
  if (familyOf(given) === family) return given;
  throw new InvalidParameterError(`${key}: expected an IPv${family} address, got ${given}`);
}
