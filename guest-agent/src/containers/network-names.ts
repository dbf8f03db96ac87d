import { endpointSettings, type EndpointSettings, type NetworkingConfig } from '../api/engine/endpoint.ts';
import type { EndpointRequest } from '../networks/new-endpoint.ts';
import { endpointInterface, endpointSysctls } from './validate/networking-config.ts';
import type { Container, ContainerRecord } from './container.ts';

type NetworkedRecord = Pick<ContainerRecord, 'hostConfig' | 'networking'>;

/** The networks that a container joins, that of its mode first; none once it has been disconnected from all. */
export function networkNames({ hostConfig, networking }: NetworkedRecord): string[] {
  const mode = hostConfig.NetworkMode;
  if (mode.startsWith('container:')) return [];
  const names = networking.EndpointsConfig === null ? [mode] : Object.keys(networking.EndpointsConfig);
  return [...names.filter((name) => name === mode), ...names.filter((name) => name !== mode)];
}

/** What the container wants of one of its networks. */
export function endpointRequest({ networking }: NetworkedRecord, network: string): EndpointRequest {
  return requestOf(network, networking.EndpointsConfig?.[network] ?? endpointSettings.zero());
}

export function requestOf(network: string, asked: EndpointSettings): EndpointRequest {
  return {
    network,
    ipv4: asked.IPAMConfig?.IPv4Address ?? '',
    ipv6: asked.IPAMConfig?.IPv6Address ?? '',
    macAddress: asked.MacAddress,
    aliases: asked.Aliases ?? [],
    links: asked.Links ?? [],
    gatewayPriority: asked.GwPriority,
    interfaceName: asked.DriverOpts?.[endpointInterface] ?? '',
    linkLocalAddresses: asked.IPAMConfig?.LinkLocalIPs ?? [],
    sysctls: (asked.DriverOpts?.[endpointSysctls] ?? '').split(',').filter((each) => each !== ''),
  };
}

/** What a container asks of its networks, but for those that `isLeft` names. */
export function networkingWithout(record: NetworkedRecord, isLeft: (name: string) => boolean): NetworkingConfig {
  const kept = networkNames(record).filter((name) => !isLeft(name));
  const { EndpointsConfig: asked } = record.networking;
  return { EndpointsConfig: Object.fromEntries(kept.map((name) => [name, asked?.[name] ?? endpointSettings.zero()])) };
}

/** What it goes by in networks of the user's own: its name first. */
export function containerNames(container: Container | undefined): string[] {
  if (!container) return [];
  const { Hostname: hostname } = container.record.config;
  return [...new Set([container.name, container.id.slice(0, 12), ...(hostname === '' ? [] : [hostname])])];
}
