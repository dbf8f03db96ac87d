import { SystemError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';

export function unpauseContainer(deps: ContainerDependencies, container: Container): Promise<void> {
  return container.lock.run(async () => {
    if (container.state.phase !== 'paused') throw new SystemError(`Container ${container.id} is not paused`);
    await deps.tasks.resume(container.id);
    container.update((old) => ({ ...old, phase: 'running' }));
    deps.health.resume(container);
    deps.events.publish(containerEvent(container, 'unpause'));
  });
}
