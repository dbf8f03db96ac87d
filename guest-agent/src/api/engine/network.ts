import { endpointSettings } from './endpoint.ts';
import type { Decoded } from './shape.ts';
import { bool, list, map, pointer, str, struct } from './shape.ts';

const ipamConfig = struct('IPAMConfig', {
  Subnet: str,
  IPRange: str,
  Gateway: str,
  AuxiliaryAddresses: map(str),
  /** The name it had before. */
  AuxiliaryAddress: map(str),
});
export type IpamConfigRequest = Decoded<typeof ipamConfig>;

/** POST /networks/create. */
export const networkCreateRequest = struct('CreateRequest', {
  Name: str,
  Driver: str,
  Scope: str,
  EnableIPv4: pointer(bool),
  EnableIPv6: pointer(bool),
  IPAM: pointer(struct('IPAM', { Driver: str, Options: map(str), Config: list(ipamConfig) })),
  Internal: bool,
  Attachable: bool,
  Ingress: bool,
  ConfigOnly: bool,
  ConfigFrom: pointer(struct('ConfigReference', { Network: str })),
  Options: map(str),
  Labels: map(str),
  CheckDuplicate: bool,
});
export type NetworkCreateRequest = Decoded<typeof networkCreateRequest>;

/** POST /networks/{id}/connect. */
export const networkConnectRequest = struct('ConnectOptions', {
  Container: str,
  EndpointConfig: pointer(endpointSettings),
});

/** POST /networks/{id}/disconnect. */
export const networkDisconnectRequest = struct('DisconnectOptions', { Container: str, Force: bool });
