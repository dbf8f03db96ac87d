import { endpointSettings, type NetworkingConfig } from '../api/engine/endpoint.ts';
import { ConflictError, InvalidParameterError, NotFoundError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import { hasTask } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';

export function renameContainer(deps: ContainerDependencies, container: Container, newName: string): Promise<void> {
  return container.lock.run(async () => {
    // It was removed while this waited for its turn.
    if (deps.store.find(container.id) !== container) throw new NotFoundError(`No such container: ${container.name}`);
    const oldName = container.name;
    if (newName === '') throw new InvalidParameterError('Neither old nor new names may be empty');
    if (newName.replace(/^\//, '') === oldName) {
      throw new InvalidParameterError('Renaming a container with the same name as its current name');
    }
    const name = reserve(deps, container, newName);
    try {
      container.replaceRecord({ ...container.record, name, networking: renamedNetworking(container, name) });
    } catch (error) {
      deps.store.names.release(name);
      throw error;
    }
    deps.store.names.release(oldName);
    deps.events.publish(containerEvent(container, 'rename', { oldName: `/${oldName}` }));
  });
}

function reserve({ store }: ContainerDependencies, { id }: Container, newName: string): string {
  const explain = (error: Error) => `Error when allocating new name: ${error.message}`;
  try {
    return store.names.reserve(newName, id);
  } catch (error) {
    if (error instanceof ConflictError) throw new ConflictError(explain(error), { cause: error });
    throw new InvalidParameterError(explain(error as Error), { cause: error });
  }
}

/** A running container's endpoints get the new name at once, and show it from then on. */
function renamedNetworking({ record, state, id }: Container, name: string): NetworkingConfig {
  const mode = record.hostConfig.NetworkMode;
  if (!hasTask(state) || mode.startsWith('container:')) return record.networking;
  const endpoint = record.networking.EndpointsConfig?.[mode] ?? endpointSettings.zero();
  const renamed = { ...endpoint, DNSNames: [name, id.slice(0, 12)] };
  return { EndpointsConfig: { ...record.networking.EndpointsConfig, [mode]: renamed } };
}
