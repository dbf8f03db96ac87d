import type { PortMap } from '../../api/engine/host-config.ts';
import type { Endpoint, Sandbox } from '../../networks/network.ts';
import { portRequests } from '../../networks/published-ports.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { NetworkSetupError } from './start-error.ts';

/** Binds the container's ports on the host; all of them or none. */
export async function publishPorts(
  deps: ContainerDependencies,
  container: Container,
  { sandbox, undo }: { sandbox: Sandbox | null; undo: AsyncDisposableStack },
): Promise<void> {
  const endpoint = sandbox && deps.networks.publishingEndpoint(sandbox);
  if (!endpoint || endpoint.ipAddress === '') return;
  if (!(await publish(deps, container, endpoint))) return;
  undo.defer(async () => void (await deps.ports.release({ containerId: container.id })));
}

/** Moves the ports of a running container to another of its addresses, when the one that they led to is gone. */
export async function republishPorts(deps: ContainerDependencies, container: Container): Promise<void> {
  const published = deps.ports.publishedBy(container.id);
  const sandbox = deps.networks.sandboxOf(container.id);
  if (published.length === 0 || !sandbox) return;
  const addresses = new Set(sandbox.endpoints.map(({ ipAddress }) => ipAddress));
  if (published.every(({ targetIp }) => addresses.has(targetIp))) return;
  await deps.ports.release({ containerId: container.id });
  const endpoint = deps.networks.publishingEndpoint(sandbox);
  if (endpoint && endpoint.ipAddress !== '') await publish(deps, container, endpoint);
}

/** False where there is nothing to publish. */
async function publish(
  deps: ContainerDependencies,
  { id, name, record }: Container,
  endpoint: Endpoint,
): Promise<boolean> {
  const exposed = Object.keys(record.config.ExposedPorts ?? {});
  const ports = portRequests({
    bindings: exposedOnly(record.hostConfig.PortBindings ?? {}, exposed),
    exposed,
    publishAll: record.hostConfig.PublishAllPorts,
    targetIp: endpoint.ipAddress,
    defaultHostIp: hostBinding(deps, endpoint.networkId),
  });
  if (ports.length === 0) return false;
  try {
    await deps.ports.publish({ containerId: id, ports });
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
