import type { NetworkCreateRequest } from '../api/engine/network.ts';
import { ForbiddenError, NotFoundError } from '../api/index.ts';
import type { NetworkStore } from './network-store.ts';
import type { NetworkRecord } from './network.ts';

/** What a network that is only a configuration, or made from one, must not be given, with dockerd's texts. */
export function refuseConfigMix(request: NetworkCreateRequest): void {
  const { ConfigOnly: configOnly, Ingress, Internal, Attachable, Scope } = request;
  if (configOnly && (Ingress || Internal || Attachable || Scope !== '')) {
    throw new ForbiddenError(
      'configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.',
    );
  }
  if (!request.ConfigFrom?.Network) return;
  if (configOnly) throw new ForbiddenError('a configuration network cannot depend on another configuration network');
  if (hasOwnConfiguration(request)) {
    throw new ForbiddenError(
      'user specified configurations are not supported if the network depends on a configuration network',
    );
  }
  if (Object.keys(request.Options ?? {}).length > 0)
    throw new ForbiddenError(
      'network driver options are not supported if the network depends on a configuration network',
    );
}

function hasOwnConfiguration({ EnableIPv4, EnableIPv6, Labels, IPAM }: NetworkCreateRequest): boolean {
  const isOther = IPAM !== null && IPAM.Driver !== '' && IPAM.Driver !== 'default';
  const hasIpam = isOther || Object.keys(IPAM?.Options ?? {}).length > 0 || (IPAM?.Config ?? []).length > 0;
  return EnableIPv4 === false || EnableIPv6 === true || Object.keys(Labels ?? {}).length > 0 || hasIpam;
}

/** The request with the settings of the configuration that it names, if it names one. */
export function withConfiguration(store: NetworkStore, request: NetworkCreateRequest): NetworkCreateRequest {
  const name = request.ConfigFrom?.Network ?? '';
  if (name === '') return request;
  const found = store.find(name);
  if (!found?.configOnly) throw new NotFoundError(`configuration network ${JSON.stringify(name)} does not exist`);
  return { ...request, ...settingsOf(found) };
}

function settingsOf({ enableIPv4, enableIPv6, labels, options, ipam, ipamOptions }: NetworkRecord) {
  return {
    EnableIPv4: enableIPv4,
    EnableIPv6: enableIPv6,
    Labels: { ...labels },
    Options: { ...options },
    IPAM: {
      Driver: 'default',
      Options: ipamOptions && { ...ipamOptions },
      Config: ipam.map(({ subnet, ipRange, gateway, auxiliary }) => ({
        ...{ Subnet: subnet, IPRange: ipRange, Gateway: gateway },
        ...{ AuxiliaryAddresses: { ...auxiliary }, AuxiliaryAddress: null },
      })),
    },
  };
}

/** ForbiddenError while a network is made from it. */
export function refuseConfigInUse(store: NetworkStore, { name, configOnly }: NetworkRecord): void {
  if (!configOnly || !store.list().some(({ configFrom }) => configFrom === name)) return;
  throw new ForbiddenError(`error while removing network: configuration network ${JSON.stringify(name)} is in use`);
}
