import { ConflictError, SystemError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { runtimeTimeoutMs } from './release-task.ts';
import { runtimeText } from './start-steps/start-error.ts';

/** Freezes every process of the container. */
export function pauseContainer(deps: ContainerDependencies, container: Container): Promise<void> {
  return container.lock.run(async () => {
    const { phase } = container.state;
    if (phase === 'paused') throw new ConflictError(`Container ${container.id} is already paused`);
    if (phase === 'restarting')
      throw new ConflictError(`Container ${container.id} is restarting, wait until the container is running`);
    if (phase !== 'running') throw new ConflictError(`container ${container.id} is not running`);
    try {
      await container.freezing.alone(() => deps.tasks.pause(container.id, { timeoutMs: runtimeTimeoutMs }));
    } catch (error) {
      throw new SystemError(`cannot pause container ${container.id}: ${runtimeText(error)}`, { cause: error });
    }
    await deps.fault?.('pause:after-freeze', container.id);
    deps.health.end(container);
    container.note((old) => ({ ...old, phase: 'paused' }));
    deps.events.publish(containerEvent(container, 'pause'));
  });
}
