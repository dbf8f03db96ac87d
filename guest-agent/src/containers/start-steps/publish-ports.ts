import type { PortMap } from '../../api/engine/host-config.ts';
import type { Endpoint, Sandbox } from '../../networks/network.ts';
import { planPorts, type PublishedSide } from '../../networks/published-ports.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { NetworkSetupError } from './start-error.ts';

/** Binds the container's ports on the host; all of them or none. */
export async function publishPorts(
  deps: ContainerDependencies,
  container: Container,
  { sandbox, undo }: { sandbox: Sandbox | null; undo: AsyncDisposableStack },
): Promise<void> {
  const gateways = sandbox && publishingSides(deps, sandbox);
  if (!gateways || !(await publish(deps, container, gateways))) return;
  undo.defer(async () => void (await deps.ports.release({ containerId: container.id })));
}

/** Moves the ports of a running container to the address that is its way out now. */
export async function republishPorts(deps: ContainerDependencies, container: Container): Promise<void> {
  const published = deps.ports.publishedBy(container.id);
  const sandbox = deps.networks.sandboxOf(container.id);
  if (!sandbox) return;
  const gateways = publishingSides(deps, sandbox);
  const [target] = published;
  if (target && gateways && target.targetIpv6 === gateways.ipv6.address && isTarget(gateways, target)) return;
  if (published.length > 0) await deps.ports.release({ containerId: container.id });
  if (gateways) await publish(deps, container, gateways);
}

const isTarget = ({ ipv4, ipv6 }: PublishingSides, { targetIp }: { targetIp: string }): boolean =>
  targetIp === (ipv4.address || ipv6.address);

interface PublishingSides {
  endpoint: Endpoint;
  ipv4: PublishedSide;
  ipv6: PublishedSide;
}

/** Ports lead to the endpoints that are the way out; null where none is on a bridge. */
function publishingSides({ networks }: ContainerDependencies, sandbox: Sandbox): PublishingSides | null {
  const { ipv4, ipv6 } = networks.waysOut(sandbox);
  const endpoint = ipv4 ?? ipv6;
  if (!endpoint) return null;
  const modes = (each: Endpoint) => networks.optionsOf(networks.find(each.networkId));
  return {
    endpoint,
    ipv4: { address: ipv4?.ipAddress ?? '', mode: ipv4 ? modes(ipv4).gatewayModeIpv4 : 'nat' },
    ipv6: { address: ipv6?.ipv6Address ?? '', mode: ipv6 ? modes(ipv6).gatewayModeIpv6 : 'nat' },
  };
}

/** False where there is nothing to publish. */
async function publish(
  deps: ContainerDependencies,
  { id, name, record }: Container,
  { endpoint, ipv4, ipv6 }: PublishingSides,
): Promise<boolean> {
  const exposed = Object.keys(record.config.ExposedPorts ?? {});
  try {
    const { requests: ports, routed } = planPorts({
      bindings: exposedOnly(record.hostConfig.PortBindings ?? {}, exposed),
      exposed,
      publishAll: record.hostConfig.PublishAllPorts,
      ...{ ipv4, ipv6 },
      defaultHostIp: hostBinding(deps, endpoint.networkId),
    });
    if (ports.length === 0 && routed.length === 0) return false;
    await deps.ports.publish({ containerId: id, ports, routed });
  } catch (error) {
    const prefix = `driver failed programming external connectivity on endpoint ${name} (${endpoint.endpointId})`;
    throw new NetworkSetupError(new Error(`${prefix}: ${(error as Error).message}`, { cause: error }));
  }
  return true;
}

/** A network may keep its published ports to one address; the default network's 0.0.0.0 stands for every one. */
function hostBinding({ networks }: ContainerDependencies, networkId: string): string {
  const network = networks.findMaybe(networkId);
  const binding = network ? networks.optionsOf(network).hostBinding : '';
  return binding === '0.0.0.0' ? '' : binding;
}

/** dockerd publishes no port that is not exposed, too; its CLI always says both. */
function exposedOnly(bindings: PortMap, exposed: readonly string[]): PortMap {
  const full = (name: string) => (name.includes('/') ? name : `${name}/tcp`);
  const names = new Set(exposed.map(full));
  return Object.fromEntries(Object.entries(bindings).filter(([name]) => names.has(full(name))));
}
