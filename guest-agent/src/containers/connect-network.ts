import { endpointSettings, type EndpointSettings } from '../api/engine/endpoint.ts';
import { ForbiddenError, InvalidParameterError } from '../api/index.ts';
import type { NetworkRecord } from '../networks/network.ts';
import { hasTask } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { networkingWithout, networkNames, requestOf } from './network-names.ts';
import { rewriteHosts } from './start-steps/networking.ts';
import { republishPorts } from './start-steps/publish-ports.ts';
import { endpointProblem } from './validate/networking-config.ts';

/** POST /networks/{id}/connect: at once when it runs, else from its next start on. */
export function connectNetwork(
  deps: ContainerDependencies,
  container: Container,
  { network: reference, settings }: { network: string; settings: EndpointSettings | null },
): Promise<void> {
  return container.lock.run(async () => {
    const network = deps.networks.find(reference);
    const asked = settings ?? endpointSettings.zero();
    refuse(deps, container, network);
    const subnets = network.ipam.map(({ subnet }) => subnet);
    const problem = endpointProblem(network.name, asked, subnets);
    if (problem !== null) throw new InvalidParameterError(problem);
    if (deps.networks.sandboxOf(container.id) && hasTask(container.state)) {
      await deps.networks.attach(container.id, container.name, requestOf(network.id, asked));
      await republishPorts(deps, container);
    }
    remember(deps, container, { name: network.name, asked });
    await rewriteHosts(deps, container);
  });
}

function refuse(deps: ContainerDependencies, container: Container, network: NetworkRecord): void {
  const { NetworkMode: mode } = container.record.hostConfig;
  if (mode.startsWith('container:') || (mode === 'host' && network.driver !== 'host')) {
    throw new InvalidParameterError(
      'container sharing network namespace with another container or host cannot be connected to any other network',
    );
  }
  if (network.driver === 'host') {
    throw new InvalidParameterError(
      'cannot connect container to host network - container must be created in host network mode',
    );
  }
  const joined = networkNames(container.record).map((name) => deps.networks.findMaybe(name));
  if ([network, ...joined].some((each) => each?.driver === 'null' && !each.configOnly)) {
    throw new InvalidParameterError(
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
  }
  const isIn = networkNames(container.record).some((name) => deps.networks.findMaybe(name)?.id === network.id);
  if (isIn && hasTask(container.state)) {
    throw new ForbiddenError(`endpoint with name ${container.name} already exists in network ${network.name}`);
  }
}

function remember(
  { networks }: ContainerDependencies,
  container: Container,
  { name, asked }: { name: string; asked: EndpointSettings },
): void {
  const { record } = container;
  const id = networks.find(name).id;
  const { EndpointsConfig: others } = networkingWithout(record, (other) => networks.findMaybe(other)?.id === id);
  const EndpointsConfig = { ...others, [name]: asked };
  container.replaceRecord({ ...record, networking: { EndpointsConfig } });
}
