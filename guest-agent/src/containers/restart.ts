import { SystemError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { startUnlessRunning } from './start.ts';
import { runs, stopRunning, type StopOptions } from './stop.ts';

/** Stops it if it runs and starts it. --rm and the restart policy stay out of the stop in between. */
export async function restartContainer(
  deps: ContainerDependencies,
  container: Container,
  options: StopOptions,
): Promise<void> {
  container.restarts++;
  try {
    if (await runs(container)) await stopRunning(deps, container, options);
    await startUnlessRunning(deps, container);
  } catch (error) {
    const text = `Cannot restart container ${options.reference}: ${(error as Error).message}`;
    throw new SystemError(text, { cause: error });
  } finally {
    container.restarts--;
  }
  deps.events.publish(containerEvent(container, 'restart'));
}
