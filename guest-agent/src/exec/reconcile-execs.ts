import { NotFoundError } from '../api/index.ts';
import { TaskStatus, type Process, type ProcessRef } from '../containerd/tasks.ts';
import type { ExecDependencies } from './dependencies.ts';
import type { Exec } from './exec.ts';
import { handleExecExit } from './handle-exec-exit.ts';

/** What an exit code says when nobody saw the process end. */
const unknownExit = 255;

/** Deals with ends of execs that no event told of, because containerd or the subscription was away. */
export async function reconcileExecs(deps: ExecDependencies): Promise<void> {
  await Promise.all(deps.execs.running().map((exec) => reconcileExec(deps, exec)));
}

/** The same for one; nothing happens while it is being started. */
export async function reconcileExec(deps: ExecDependencies, exec: Exec): Promise<void> {
  if (exec.phase !== 'running' || exec.pid === 0) return;
  const exitCode = await endOf(deps, exec);
  if (exitCode !== null) await handleExecExit(deps, exec, exitCode);
}

/** null while it runs. */
async function endOf(deps: ExecDependencies, { id, container }: Exec): Promise<number | null> {
  const process = await find(deps, { containerId: container.id, execId: id });
  if (process) return process.status === TaskStatus.STOPPED ? process.exitStatus : null;
  // Without its container's task it ends with the container.
  return (await find(deps, { containerId: container.id })) ? unknownExit : null;
}

async function find({ tasks }: ExecDependencies, ref: ProcessRef): Promise<Process | undefined> {
  try {
    return await tasks.get(ref);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
