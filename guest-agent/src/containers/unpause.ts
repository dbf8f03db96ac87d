import { SystemError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { runtimeTimeoutMs } from './release-task.ts';
import { runtimeText } from './start-steps/start-error.ts';

export function unpauseContainer(deps: ContainerDependencies, container: Container): Promise<void> {
  return container.lock.run(async () => {
    if (container.state.phase !== 'paused') throw new SystemError(`Container ${container.id} is not paused`);
    try {
      await thaw(deps, container);
    } catch (error) {
      throw new SystemError(`Cannot unpause container ${container.id}: ${runtimeText(error)}`, { cause: error });
    }
  });
}

/** The thawing itself; the caller holds the lock of a paused container. */
export async function thaw(deps: ContainerDependencies, container: Container): Promise<void> {
  await deps.tasks.resume(container.id, { timeoutMs: runtimeTimeoutMs });
  await deps.fault?.('unpause:after-thaw', container.id);
  container.note((old) => ({ ...old, phase: 'running' }));
  deps.health.resume(container);
  deps.events.publish(containerEvent(container, 'unpause'));
}
