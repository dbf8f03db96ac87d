import { toNanoseconds } from '../containerd/timestamp.ts';
import { TaskStatus, type Process } from '../containerd/tasks.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { handleExit, type TaskEnd } from './handle-exit.ts';

/** What an exit code says when nobody saw the process end, as dockerd has it. */
export const unknownExit = 255;

/** Deals with ends that no event told of, because containerd or the subscription was away. */
export async function reconcileTasks(deps: ContainerDependencies): Promise<void> {
  const watched = deps.store.all().filter((container) => container.task !== null);
  if (watched.length === 0) return;
  const tasks = new Map((await deps.tasks.list()).map((task) => [task.id, task]));
  await Promise.all(watched.map((container) => endIfOver(deps, container, tasks.get(container.id))));
}

async function endIfOver(
  deps: ContainerDependencies,
  container: Container,
  process: Process | undefined,
): Promise<void> {
  const pid = container.task?.pid;
  if (pid === undefined) return;
  const end = process ? taskEnd(deps, process) : { pid, exitCode: unknownExit, atNs: deps.clock() };
  if (end) await handleExit(deps, container, end);
}

/** How a task ended; null while it runs. */
export function taskEnd(deps: ContainerDependencies, process: Process): TaskEnd | null {
  if (process.status !== TaskStatus.STOPPED) return null;
  const atNs = process.exitedAt ? toNanoseconds(process.exitedAt) : deps.clock();
  return { pid: process.pid, exitCode: process.exitStatus, atNs };
}
