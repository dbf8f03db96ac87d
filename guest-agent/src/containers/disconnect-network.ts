import { InvalidParameterError, NotFoundError, SystemError } from '../api/index.ts';
import type { NetworkRecord } from '../networks/network.ts';
import { hasTask } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { networkingWithout, networkNames } from './network-names.ts';
import { republishPorts } from './start-steps/publish-ports.ts';
import { rewriteHosts } from './start-steps/networking.ts';

/** POST /networks/{id}/disconnect. */
export function disconnectNetwork(deps: ContainerDependencies, container: Container, reference: string): Promise<void> {
  return container.lock.run(async () => {
    const network = deps.networks.find(reference);
    const name = nameIn(deps, container, network);
    if (hasTask(container.state)) {
      await deps.networks.detach(container.id, network.id);
      await republishPorts(deps, container);
    }
    const { record } = container;
    container.replaceRecord({ ...record, networking: networkingWithout(record, (other) => other === name) });
    await rewriteHosts(deps, container);
  });
}

/** The name under which the container knows the network; dockerd's errors where it does not, or must not leave it. */
function nameIn({ networks }: ContainerDependencies, container: Container, network: NetworkRecord): string {
  if (network.driver === 'host' && container.record.hostConfig.NetworkMode === 'host') {
    throw new InvalidParameterError(
      'cannot disconnect container from host network - container was created in host network mode',
    );
  }
  const name = networkNames(container.record).find((candidate) => networks.findMaybe(candidate)?.id === network.id);
  if (name !== undefined) return name;
  throw new SystemError(`container ${container.id} is not connected to network ${network.name}`, {
    cause: new NotFoundError(network.name),
  });
}
