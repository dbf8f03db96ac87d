import { NotFoundError } from '../api/index.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { closeSharedMemory } from './start-steps/shared-memory.ts';
import type { Task } from './task.ts';

/** A runtime that works answers at once; longer than this only where a shim hangs, and its container goes on without. */
export const runtimeTimeoutMs = 10_000;

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
  const failed = (await Promise.allSettled(work)).filter((result) => result.status === 'rejected');
  for (const { reason } of failed)
    deps.log.warn({ err: reason as Error, container: id }, 'a run left something behind');
  if (failed.length > 0) deps.sweepSoon?.();
  await task.streams[Symbol.asyncDispose]();
}

type Runtime = Pick<ContainerDependencies, 'tasks' | 'specs'>;

/** Ends whatever containerd still has of a run: nobody looks after it any more. */
export async function endTask(deps: Runtime, containerId: string): Promise<void> {
  await endProcess(deps, containerId);
  await ignoreMissing(deps.specs.delete(containerId));
}

export async function endProcess({ tasks }: Pick<Runtime, 'tasks'>, containerId: string): Promise<void> {
  const limit = { timeoutMs: runtimeTimeoutMs };
  await ignoreMissing(tasks.kill({ containerId, signal: 9, all: true }, limit));
  await ignoreMissing(tasks.wait({ containerId }, limit));
  await ignoreMissing(tasks.delete({ containerId }, limit));
}

export async function ignoreMissing(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
