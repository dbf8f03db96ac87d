import { ConflictError, NotFoundError, SystemError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import { isRunning } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { killAndWait } from './kill.ts';

export interface RemoveOptions {
  /** Anonymous volumes go with the container. */
  removeVolumes: boolean;
  /** Kill it first if it runs. */
  force: boolean;
  /** As the user named it, for the error text. */
  reference: string;
}

/**
 * Removes a container. Two at once: the second is told that the first is at it. A start under way comes first, one
 * that comes later is refused.
 */
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
    if (!(await container.lock.run(async () => needsKill(container, options)))) {
      return await container.lock.run(() => removeStopped(deps, container, options));
    }
    await kill(deps, container, options);
    await container.lock.run(() => removeStopped(deps, container, options));
  } finally {
    container.removing = false;
  }
}

/** ConflictError when it runs and nobody said that it may be killed. */
function needsKill({ state }: Container, { force, reference }: RemoveOptions): boolean {
  if (!isRunning(state)) return false;
  if (force) return true;
  const why =
    state.phase === 'paused'
      ? 'container is paused and must be unpaused first'
      : `container is ${state.phase}: stop the container before removing or force remove`;
  throw new ConflictError(`cannot remove container "${reference}": ${why}`);
}

/** Fine when it has stopped by itself meanwhile. */
async function kill(deps: ContainerDependencies, container: Container, { reference }: RemoveOptions): Promise<void> {
  try {
    await killAndWait(deps, container);
  } catch (error) {
    if (error instanceof ConflictError) return;
    const text = `cannot remove container "${reference}": could not kill container: ${(error as Error).message}`;
    throw new SystemError(text, { cause: error });
  }
}

/** It cannot run: no start and no policy starts a container that is being removed. */
async function removeStopped(deps: ContainerDependencies, container: Container, options: RemoveOptions): Promise<void> {
  if (isRunning(container.state)) throw new SystemError(`cannot remove container "${options.reference}": it runs`);
  await removeLocked(deps, container, options);
}

/** The removal of a container without a task; the caller holds its lock. Nothing happens when it is gone. */
export async function removeLocked(
  deps: ContainerDependencies,
  container: Container,
  { removeVolumes }: { removeVolumes: boolean },
): Promise<void> {
  const { id } = container;
  if (deps.store.find(id) !== container) return;
  container.note((old) => ({ ...old, phase: 'removing', removesVolumes: removeVolumes }));
  try {
    await deps.fault?.('remove:after-mark', id);
    await deps.rootfs.remove(id);
    for (const key of imageViews(container)) await deps.rootfs.remove(key);
    await deps.fault?.('remove:after-rootfs', id);
    // Before the folder: whoever finishes this after a crash still knows of them.
    if (removeVolumes) await removeAnonymousVolumes(deps, container);
    await deps.fault?.('remove:after-volumes', id);
    await deps.store.remove(container);
  } catch (error) {
    container.note((old) => ({ ...old, phase: 'dead', error: (error as Error).message }));
    throw new SystemError(
      `container ${id}: driver "${deps.snapshotter}" failed to remove root filesystem: ${(error as Error).message}`,
      { cause: error },
    );
  }
  deps.events.publish(containerEvent(container, 'destroy'));
  container.markRemoved();
}

/** Those of its own, not those that came with --volumes-from. */
const imageViews = ({ id, record }: Container): string[] =>
  record.mounts.flatMap(({ snapshotKey }) => (snapshotKey?.startsWith(id) ? [snapshotKey] : []));

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
