import { NotFoundError } from '../api/index.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { closeSharedMemory } from './start-steps/shared-memory.ts';
import type { Task } from './task.ts';

/** Gives back everything that a run has used: the task, its spec, its network, its volumes and its FIFOs. */
export async function releaseTask(deps: ContainerDependencies, container: Container, task: Task): Promise<void> {
  const { id } = container;
  const volumes = container.record.mounts.filter((mount) => mount.type === 'volume');
  const work = [
    ignoreMissing(deps.tasks.delete({ containerId: id })).then(() => ignoreMissing(deps.specs.delete(id))),
    deps.networks.close(id),
    closeSharedMemory(container),
    ...volumes.map((mount) => deps.volumes.unmount(mount.name, id)),
  ];
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected')
      deps.log.warn({ err: result.reason as Error, container: id }, 'a run left something behind');
  }
  await task.streams[Symbol.asyncDispose]();
}

export async function ignoreMissing(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
