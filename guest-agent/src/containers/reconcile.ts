import { setTimeout as delay } from 'node:timers/promises';
import { NotFoundError } from '../api/index.ts';
import { toNanoseconds } from '../containerd/timestamp.ts';
import { TaskStatus, type Process } from '../containerd/tasks.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { handleExit, type TaskEnd } from './handle-exit.ts';

/** What an exit code says when nobody saw the process end, as dockerd has it. */
export const unknownExit = 255;

/** Deals with ends that no event told of, because containerd or the subscription was away. */
export async function reconcileTasks(deps: ContainerDependencies): Promise<void> {
  // Before the list: a task that starts in between is not missing from it.
  const watched = deps.store
    .all()
    .flatMap((container) => (container.task ? [{ container, task: container.task }] : []));
  if (watched.length === 0) return;
  const tasks = new Map((await deps.tasks.list()).map((task) => [task.id, task]));
  await Promise.all(
    watched.map(({ container, task }) =>
      endIfOver(deps, { container, pid: task.pid, process: tasks.get(container.id) }),
    ),
  );
}

/** The same for one container. */
export async function reconcileTask(deps: ContainerDependencies, container: Container): Promise<void> {
  const { task } = container;
  if (!task) return;
  const process = await deps.tasks.get({ containerId: container.id }).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  await endIfOver(deps, { container, pid: task.pid, process });
}

/** containerd forgets the task of a dead shim before it has put it away and tells how it ended. */
const lateEventMs = 5_000;

interface Watched {
  container: Container;
  pid: number;
  process: Process | undefined;
}

async function endIfOver(deps: ContainerDependencies, { container, pid, process }: Watched): Promise<void> {
  if (!process) await delay(lateEventMs, undefined, { ref: false });
  if (container.task?.pid !== pid) return;
  const end = process ? taskEnd(deps, process) : { pid, exitCode: unknownExit, atNs: deps.clock() };
  if (end) await handleExit(deps, container, end);
}

/** How a task ended; null while it runs. */
export function taskEnd(deps: ContainerDependencies, process: Process): TaskEnd | null {
  if (process.status !== TaskStatus.STOPPED) return null;
  const atNs = process.exitedAt ? toNanoseconds(process.exitedAt) : deps.clock();
  return { pid: process.pid, exitCode: process.exitStatus, atNs };
}
