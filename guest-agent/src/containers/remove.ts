import { ConflictError, NotFoundError, SystemError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import { hasTask } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { killAndWait } from './kill.ts';
import { callOffRestart } from './scheduled-restart.ts';

export interface RemoveOptions {
  /** Anonymous volumes go with the container. */
  removeVolumes: boolean;
  /** Kill it first if it runs. */
  force: boolean;
  /** As the user named it, for the error text. */
  reference: string;
}

/** Removes a container. Two at once: the second is told that the first is at it. */
export async function removeContainer(
  deps: ContainerDependencies,
  container: Container,
  options: RemoveOptions,
): Promise<void> {
  if (container.removing) {
    throw new ConflictError(`removal of container ${options.reference} is already in progress`);
  }
  container.removing = true;
  try {
    refuseRemoval(container, options);
    await container.lock.run(async () => {
      container.update((old) => ({ ...old, stoppedByUser: true }));
      callOffRestart(container);
    });
    if (hasTask(container.state)) await killAndWait(deps, container);
    await container.lock.run(() => removeLocked(deps, container, options));
  } finally {
    container.removing = false;
  }
}

function refuseRemoval({ state }: Container, { force, reference }: RemoveOptions): void {
  if (force) return;
  const refuse = (why: string) => {
    throw new ConflictError(`cannot remove container "${reference}": ${why}`);
  };
  if (state.phase === 'paused') refuse('container is paused and must be unpaused first');
  if (state.phase === 'restarting')
    refuse('container is restarting: stop the container before removing or force remove');
  if (state.phase === 'running') refuse('container is running: stop the container before removing or force remove');
}

/** The removal of a container without a task; the caller holds its lock. */
export async function removeLocked(
  deps: ContainerDependencies,
  container: Container,
  options: { removeVolumes: boolean },
): Promise<void> {
  if (deps.store.find(container.id) !== container) return;
  container.update((old) => ({ ...old, phase: 'removing' }));
  try {
    await deps.rootfs.remove(container.id);
    await deps.store.remove(container);
  } catch (error) {
    container.update((old) => ({ ...old, phase: 'dead', error: (error as Error).message }));
    throw new SystemError(
      `container ${container.id}: driver "${deps.snapshotter}" failed to remove root filesystem: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  if (options.removeVolumes) await removeAnonymousVolumes(deps, container);
  deps.events.publish(containerEvent(container, 'destroy'));
  container.markRemoved();
}

/** Volumes that another container uses meanwhile stay. */
async function removeAnonymousVolumes(deps: ContainerDependencies, container: Container): Promise<void> {
  for (const name of container.record.anonymousVolumes) {
    try {
      await deps.volumes.remove(name, false);
    } catch (error) {
      if (!(error instanceof ConflictError) && !(error instanceof NotFoundError)) throw error;
    }
  }
}
