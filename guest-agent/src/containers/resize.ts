import { ConflictError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import { hasTask } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';

export interface TerminalSize {
  height: number;
  width: number;
}

export async function resizeContainer(
  deps: ContainerDependencies,
  container: Container,
  size: TerminalSize,
): Promise<void> {
  if (!hasTask(container.state)) throw new ConflictError(`container ${container.id} is not running`);
  await deps.tasks.resizePty({ containerId: container.id, ...size });
  deps.events.publish(containerEvent(container, 'resize', { height: String(size.height), width: String(size.width) }));
}
