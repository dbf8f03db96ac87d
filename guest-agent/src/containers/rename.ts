import { endpointSettings, type NetworkingConfig } from '../api/engine/endpoint.ts';
import { InvalidParameterError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import { hasTask } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';

export function renameContainer(deps: ContainerDependencies, container: Container, newName: string): Promise<void> {
  return container.lock.run(async () => {
    const oldName = container.name;
    if (newName === '') throw new InvalidParameterError('Neither old nor new names may be empty');
    if (newName.replace(/^\//, '') === oldName) {
      throw new InvalidParameterError('Renaming a container with the same name as its current name');
    }
    const name = deps.store.names.reserve(newName, container.id);
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

/** A running container's endpoints get the new name at once, and show it from then on. */
function renamedNetworking({ record, state, id }: Container, name: string): NetworkingConfig {
  const mode = record.hostConfig.NetworkMode;
  if (!hasTask(state) || mode.startsWith('container:')) return record.networking;
  const endpoint = record.networking.EndpointsConfig?.[mode] ?? endpointSettings.zero();
  const renamed = { ...endpoint, DNSNames: [name, id.slice(0, 12)] };
  return { EndpointsConfig: { ...record.networking.EndpointsConfig, [mode]: renamed } };
}
