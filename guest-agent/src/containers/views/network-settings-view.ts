import type { EndpointSettings } from '../../api/engine/endpoint.ts';
import { endpointView } from '../../networks/endpoint-view.ts';
import { isUserDefined } from '../../networks/network.ts';
import { portMap } from '../../networks/published-ports.ts';
import type { PortMap } from '../../api/engine/host-config.ts';
import { hasTask } from '../container-state.ts';
import type { Container } from '../container.ts';
import { networkNames } from '../network-names.ts';
import type { ContainerDependencies } from '../dependencies.ts';

type NetworkParts = Pick<ContainerDependencies, 'networks' | 'ports'>;

/** Networks of a container by name; a network that it has never joined has no id yet. */
export function endpointsView(container: Container, { networks }: NetworkParts): Record<string, EndpointSettings> {
  const { config, hostConfig, networking } = container.record;
  if (config.NetworkDisabled || hostConfig.NetworkMode.startsWith('container:')) return {};
  const sandbox = networks.sandboxOf(container.id);
  const entries = networkNames(container.record).map((name) => {
    const network = networks.findMaybe(name);
    const endpoint = sandbox?.endpoints.find((candidate) => candidate.networkId === network?.id);
    const networkId = container.state.hasRun || endpoint ? (network?.id ?? '') : '';
    const asked = networking.EndpointsConfig?.[name] ?? null;
    const isNamed = network && networkId !== '' && isUserDefined(network);
    const names = isNamed ? networks.namesOf(container.id) : null;
    return [network?.name ?? name, endpointView({ asked, networkId, endpoint, names })] as const;
  });
  return Object.fromEntries(entries);
}

/** Exposed and published ports while it runs; {} otherwise. */
export function portsView(container: Container, { ports, networks }: NetworkParts): PortMap {
  const sandbox = hasTask(container.state) ? networks.sandboxOf(container.id) : undefined;
  const { ipv4, ipv6 } = sandbox ? networks.waysOut(sandbox) : {};
  if (!ipv4 && !ipv6) return {};
  return portMap(exposedPorts(container.record.config.ExposedPorts ?? {}), ports.publishedBy(container.id));
}

/** '80' is '80/tcp'; where the number is none, as Go reads it: 0. */
function exposedPorts(exposed: object): string[] {
  return Object.keys(exposed).map((name) => {
    const [number = '', protocol = 'tcp'] = name.split('/');
    const port = /^\d+$/.test(number) && Number(number) < 65536 ? Number(number) : 0;
    return `${port}/${['tcp', 'udp', 'sctp'].includes(protocol) ? protocol : 0}`;
  });
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
