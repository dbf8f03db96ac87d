import { containerEvent } from './container-events.ts';
import { hasTask } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { callOffRestart } from './scheduled-restart.ts';
import { startContainer } from './start.ts';
import { stopRunning, type StopOptions } from './stop.ts';

/** Stops it if it runs and starts it. --rm and the restart policy stay out of the stop in between. */
export async function restartContainer(
  deps: ContainerDependencies,
  container: Container,
  options: StopOptions,
): Promise<void> {
  container.restarting = true;
  try {
    callOffRestart(container);
    if (hasTask(container.state)) {
      container.update((old) => ({ ...old, stoppedByUser: true }));
      await stopRunning(deps, container, options);
    }
    await startContainer(deps, container);
  } finally {
    container.restarting = false;
  }
  deps.events.publish(containerEvent(container, 'restart'));
}
