import { InvalidParameterError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
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
      container.replaceRecord({ ...container.record, name });
    } catch (error) {
      deps.store.names.release(name);
      throw error;
    }
    deps.store.names.release(oldName);
    deps.events.publish(containerEvent(container, 'rename', { oldName: `/${oldName}` }));
  });
}
