import { endpointSettings, type EndpointSettings, type NetworkingConfig } from '../../api/engine/endpoint.ts';
import type { CreateRequest } from '../../api/engine/requests.ts';
import type { HostConfig } from '../../api/engine/host-config.ts';
import { InvalidParameterError, SystemError } from '../../api/index.ts';
import { endpointSysctls } from '../validate/networking-config.ts';

/** What the client speaks: true when it is older than the version. */
export type OlderThan = (version: string) => boolean;

export interface MigratedRequest {
  request: CreateRequest & { HostConfig: HostConfig; NetworkingConfig: NetworkingConfig };
  warnings: string[];
}

/** Fields that moved over the years go to where they belong now, as dockerd's API moves them. */
export function migrateRequest(
  { HostConfig: host, NetworkingConfig: networking, ...config }: MigratedRequest['request'],
  olderThan: OlderThan,
): MigratedRequest {
  const warnings: string[] = [];
  const endpoints = { ...networking.EndpointsConfig };
  const migrated: MigratedRequest['request'] = {
    ...config,
    HostConfig: { ...host, NetworkMode: networkMode(host.NetworkMode, endpoints) },
    NetworkingConfig: { EndpointsConfig: endpoints },
  };
  // Gone since API 1.42.
  if (!olderThan('1.42')) migrated.HostConfig.KernelMemory = 0;
  warnings.push(...volumeDriverWarning(host, olderThan), ...migrateMac(migrated, olderThan));
  refuseInterfaceSysctls(host, olderThan);
  if (Object.keys(endpoints).length === 0) migrated.NetworkingConfig = networking;
  return { request: migrated, warnings };
}

type Endpoints = Record<string, EndpointSettings | null>;

/** 'default' is another name for the default bridge, also among the endpoints. */
function networkMode(mode: string, endpoints: Endpoints): string {
  if (mode !== '' && mode !== 'default') return mode;
  if (endpoints['default'] !== undefined) {
    endpoints['bridge'] = endpoints['default'];
    delete endpoints['default'];
  }
  return 'bridge';
}

function volumeDriverWarning(host: HostConfig, olderThan: OlderThan): string[] {
  if (host.VolumeDriver === '' || olderThan('1.48')) return [];
  const isAmbiguous = (host.Mounts ?? []).some(
    (mount) => mount.Type === 'volume' && !mount.VolumeOptions?.DriverConfig?.Name,
  );
  return isAmbiguous
    ? [
        "WARNING: the container-wide volume-driver configuration is ignored for volumes specified via 'mount'. Use '--mount type=volume,volume-driver=...' instead",
      ]
    : [];
}

/** Config.MacAddress is the main network's endpoint's now. */
function migrateMac(request: MigratedRequest['request'], olderThan: OlderThan): string[] {
  const mac = request.MacAddress;
  const endpoints = request.NetworkingConfig.EndpointsConfig as Endpoints;
  if (mac === '') {
    if (olderThan('1.44')) for (const endpoint of Object.values(endpoints)) if (endpoint) endpoint.MacAddress = '';
    return [];
  }
  const mode = request.HostConfig.NetworkMode;
  const hasEndpoint = mode !== 'host' && mode !== 'none' && !mode.startsWith('container:');
  if (!hasEndpoint && olderThan('1.44'))
    throw new InvalidParameterError('conflicting options: mac-address and the network mode');
  if (hasEndpoint) moveMac(mac, mode, endpoints);
  request.MacAddress = '';
  if (olderThan('1.44')) return [];
  return ['The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.'];
}

function moveMac(mac: string, mode: string, endpoints: Endpoints): void {
  if (Object.keys(endpoints).length === 0) endpoints[mode] = endpointSettings.zero();
  const endpoint = endpoints[mode];
  if (!endpoint) {
    throw new InvalidParameterError(
      'unable to migrate container-wide MAC address to a specific network: HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks',
    );
  }
  if (endpoint.MacAddress !== '' && endpoint.MacAddress !== mac) {
    throw new InvalidParameterError(
      'the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty',
    );
  }
  endpoint.MacAddress = mac;
}

/** Settings of an interface, whose name nobody knows beforehand. */
function refuseInterfaceSysctls({ NetworkMode: mode, Sysctls }: HostConfig, olderThan: OlderThan): void {
  if (mode === 'host' || mode.startsWith('container:') || olderThan('1.48')) return;
  const wrong = Object.keys(Sysctls ?? {}).find((name) => /^net\.[^.]*\.[^.]*\.eth[^.]*\./.test(name));
  if (wrong !== undefined) {
    throw new SystemError(
      `interface specific sysctl setting "${wrong}" must be supplied using driver option '${endpointSysctls}'`,
    );
  }
}
