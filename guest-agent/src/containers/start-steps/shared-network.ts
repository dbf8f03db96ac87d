import { ConflictError, SystemError } from '../../api/index.ts';
import { hasTask } from '../container-state.ts';
import type { ContainerStore } from '../container-store.ts';
import type { Container } from '../container.ts';
import type { Task } from '../task.ts';

export type RunningContainer = Container & { task: Task };

/** The container of `--network container:…`; ConflictError where it does not run. */
export function sharedContainer(store: Pick<ContainerStore, 'get'>, reference: string): RunningContainer {
  const container = named(store, reference);
  if (container.task && hasTask(container.state)) return container as RunningContainer;
  throw new ConflictError(
    `cannot join network namespace of a non running container: container ${container.name} is ${container.state.phase}`,
  );
}

function named(store: Pick<ContainerStore, 'get'>, reference: string): Container {
  try {
    return store.get(reference);
  } catch (error) {
    const why = (error as Error).message;
    throw new SystemError(`joining network namespace of container: ${why}`, { cause: error });
  }
}

/** Path of its network namespace. */
export const namespaceIn = ({ task }: RunningContainer): string => `/proc/${task.pid}/ns/net`;

/** The same for its name or id. */
export const namespaceOf = (store: Pick<ContainerStore, 'get'>, reference: string): string =>
  namespaceIn(sharedContainer(store, reference));
