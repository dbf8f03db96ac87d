import { InvalidParameterError } from '../api/index.ts';
import { type Family, familyOf, readSubnet } from './cidr.ts';

/** What daemon.json says of networks (dockerd's documentation, "Daemon configuration file"). */
export interface NetworkSettings {
  defaultBridge: DefaultBridgeSettings;
  /** By driver: options of networks that do not give them themselves. */
  defaultOptions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What `host-gateway` stands for; '': the engine's choice. */
  hostGatewayIp: string;
}

export interface DefaultBridgeSettings {
  /** Range of the containers' addresses; '' for the whole subnet. */
  fixedCidr: string;
  ipv6: boolean;
  /** The IPv6 subnet; '': the engine chooses. */
  fixedCidrV6: string;
  icc: boolean;
  masquerade: boolean;
  /** Address that ports are published on; '0.0.0.0' for every one. */
  hostBinding: string;
}

/** Throws InvalidParameterError for values that are none. */
export function networkSettings(json: Readonly<Record<string, unknown>>): NetworkSettings {
  const value = <T>(key: string): T | undefined => json[key] as T | undefined;
  return {
    defaultBridge: {
      fixedCidr: cidr('fixed-cidr', value('fixed-cidr'), 4),
      ipv6: value<boolean>('ipv6') ?? false,
      fixedCidrV6: cidr('fixed-cidr-v6', value('fixed-cidr-v6'), 6),
      icc: value<boolean>('icc') ?? true,
      masquerade: value<boolean>('ip-masq') ?? true,
      hostBinding: address('ip', value('ip'), 4) || '0.0.0.0',
    },
    defaultOptions: value('default-network-opts') ?? {},
    hostGatewayIp: address('host-gateway-ip', value('host-gateway-ip'), 4),
  };
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
