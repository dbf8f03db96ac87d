import { endpointSettings, type EndpointSettings } from '../../api/engine/endpoint.ts';
import type { HostConfig } from '../../api/engine/host-config.ts';
import { InvalidParameterError, SystemError } from '../../api/index.ts';
import type { ContainerRequest } from '../../containers/create.ts';
import { endpointSysctls } from '../../containers/validate/networking-config.ts';

/** What the client speaks: true when it is older than the version. */
export type OlderThan = (version: string) => boolean;

export interface MigratedRequest {
  request: ContainerRequest;
  warnings: string[];
}

/** Fields that moved over the years go to where they belong now, as dockerd's API moves them. */
export function migrateRequest(
  { HostConfig: host, NetworkingConfig: networking, ...config }: ContainerRequest,
  olderThan: OlderThan,
): MigratedRequest {
  const warnings: string[] = [];
  const endpoints = { ...networking.EndpointsConfig };
  const migrated: ContainerRequest = {
    ...config,
    HostConfig: { ...host, NetworkMode: networkMode(host.NetworkMode, endpoints) },
    NetworkingConfig: { EndpointsConfig: endpoints },
  };
  // Gone since API 1.42.
  if (!olderThan('1.42')) migrated.HostConfig.KernelMemory = 0;
  warnings.push(...volumeDriverWarning(host, olderThan), ...migrateMac(migrated, olderThan));
  warnings.push(...migrateSysctls(migrated, olderThan));
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
function migrateMac(request: ContainerRequest, olderThan: OlderThan): string[] {
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

const noMainEndpoint = 'HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks';

/** The endpoint in the network of the container's mode; undefined where only others are given. */
function mainEndpoint(mode: string, endpoints: Endpoints): EndpointSettings | null | undefined {
  if (Object.keys(endpoints).length === 0) endpoints[mode] = endpointSettings.zero();
  return endpoints[mode];
}

function moveMac(mac: string, mode: string, endpoints: Endpoints): void {
  const endpoint = mainEndpoint(mode, endpoints);
  if (!endpoint) {
    throw new InvalidParameterError(
      `unable to migrate container-wide MAC address to a specific network: ${noMainEndpoint}`,
    );
  }
  if (endpoint.MacAddress !== '' && endpoint.MacAddress !== mac) {
    throw new InvalidParameterError(
      'the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty',
    );
  }
  endpoint.MacAddress = mac;
}

/** net.ipv4.conf.eth0.forwarding: the interface is the third part but one. */
const interfaceSysctl = /^net\.([^.]*)\.([^.]*)\.(eth[^.]*)\.(.*)$/;

/** Settings of an interface belong to its endpoint, as nobody knows its name beforehand. */
function migrateSysctls({ HostConfig: host, NetworkingConfig }: ContainerRequest, older: OlderThan): string[] {
  const { NetworkMode: mode, Sysctls } = host;
  const found = Object.keys(Sysctls ?? {}).filter((name) => interfaceSysctl.test(name));
  if (mode === 'host' || mode.startsWith('container:') || found.length === 0) return [];
  if (!older('1.48')) {
    throw new SystemError(
      `interface specific sysctl setting "${found[0]}" must be supplied using driver option '${endpointSysctls}'`,
    );
  }
  const moved = found.map((name) => endpointSysctl(name, Sysctls?.[name] ?? '')).join(',');
  const endpoint = mainEndpoint(mode, NetworkingConfig.EndpointsConfig as Endpoints);
  if (!endpoint) throw new SystemError(`unable to find a network for sysctl ${found[0]}: ${noMainEndpoint}`);
  const before = endpoint.DriverOpts?.[endpointSysctls];
  const all = before === undefined ? moved : `${moved},${before}`;
  endpoint.DriverOpts = { ...endpoint.DriverOpts, [endpointSysctls]: all };
  host.Sysctls = Object.fromEntries(Object.entries(Sysctls ?? {}).filter(([name]) => !found.includes(name)));
  return [`Migrated sysctl "${found.join(',')}" to DriverOpts{"${endpointSysctls}":"${moved}"}.`];
}

/** 'net.ipv4.conf.IFNAME.forwarding=1'; only the first interface's name is sure. */
function endpointSysctl(name: string, value: string): string {
  const [, family, kind, interfaceName, rest] = interfaceSysctl.exec(name) ?? [];
  if (interfaceName !== 'eth0') {
    throw new SystemError(
      `unable to determine network endpoint for sysctl ${name}, use driver option '${endpointSysctls}' to set per-interface sysctls`,
    );
  }
  return `net.${family}.${kind}.IFNAME.${rest}=${value}`;
}
