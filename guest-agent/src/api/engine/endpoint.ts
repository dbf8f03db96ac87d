import type { Decoded } from './shape.ts';
import { int, list, map, omitEmpty, pointer, str, struct } from './shape.ts';

export const endpointIpamConfig = struct('network.EndpointIPAMConfig', {
  IPv4Address: omitEmpty(str),
  IPv6Address: omitEmpty(str),
  LinkLocalIPs: omitEmpty(list(str)),
});

/** EndpointSettings of the Engine API: one container in one network; zero values where nothing is assigned yet. */
export const endpointSettings = struct('network.EndpointSettings', {
  IPAMConfig: pointer(endpointIpamConfig),
  Links: list(str),
  Aliases: list(str),
  MacAddress: str,
  DriverOpts: map(str),
  GwPriority: int,
  NetworkID: str,
  EndpointID: str,
  Gateway: str,
  IPAddress: str,
  IPPrefixLen: int,
  IPv6Gateway: str,
  GlobalIPv6Address: str,
  GlobalIPv6PrefixLen: int,
  DNSNames: list(str),
});
export type EndpointSettings = Decoded<typeof endpointSettings>;

export const networkingConfig = struct('network.NetworkingConfig', { EndpointsConfig: map(pointer(endpointSettings)) });
export type NetworkingConfig = Decoded<typeof networkingConfig>;
