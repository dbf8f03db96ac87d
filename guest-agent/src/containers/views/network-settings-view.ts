import type { EndpointSettings } from '../../api/engine/endpoint.ts';
import { endpointView } from '../../networks/endpoint-view.ts';
import { portMap } from '../../networks/published-ports.ts';
import type { PortMap } from '../../api/engine/host-config.ts';
import { hasTask } from '../container-state.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';

type NetworkParts = Pick<ContainerDependencies, 'networks' | 'ports'>;

/** Networks of a container by name; a network that it has never joined has no id yet. */
export function endpointsView(container: Container, { networks }: NetworkParts): Record<string, EndpointSettings> {
  const { hostConfig, networking } = container.record;
  if (hostConfig.NetworkMode.startsWith('container:')) return {};
  const sandbox = networks.sandboxOf(container.id);
  const name = hostConfig.NetworkMode;
  const network = networks.findMaybe(name);
  const endpoint = sandbox?.endpoints.find((candidate) => candidate.networkId === network?.id);
  const networkId = container.state.hasRun || endpoint ? (network?.id ?? '') : '';
  return {
    [network?.name ?? name]: endpointView({ asked: networking.EndpointsConfig?.[name] ?? null, networkId, endpoint }),
  };
}

/** Exposed and published ports while it runs; {} otherwise. */
export function portsView(container: Container, { ports, networks }: NetworkParts): PortMap {
  if (!hasTask(container.state) || !networks.sandboxOf(container.id)?.endpoints.some((e) => e.ipAddress !== ''))
    return {};
  return portMap(Object.keys(container.record.config.ExposedPorts ?? {}), ports.publishedBy(container.id));
}

/** NetworkSettings of inspect; the top-level address fields repeat those of the default bridge. */
export function networkSettingsView(container: Container, parts: NetworkParts): object {
  const sandbox = parts.networks.sandboxOf(container.id);
  const endpoints = endpointsView(container, parts);
  const bridge = endpoints['bridge'];
  return {
    Bridge: '',
    SandboxID: sandbox?.id ?? '',
    SandboxKey: sandbox?.path ?? '',
    Ports: portsView(container, parts),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.EndpointID ?? '',
    Gateway: bridge?.Gateway ?? '',
    GlobalIPv6Address: bridge?.GlobalIPv6Address ?? '',
    GlobalIPv6PrefixLen: bridge?.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge?.IPAddress ?? '',
    IPPrefixLen: bridge?.IPPrefixLen ?? 0,
    IPv6Gateway: bridge?.IPv6Gateway ?? '',
    MacAddress: bridge?.MacAddress ?? '',
    Networks: endpoints,
  };
}
