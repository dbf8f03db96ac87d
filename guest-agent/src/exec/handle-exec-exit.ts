import { ignoreMissing } from '../containers/release-task.ts';
import { execEvent } from './create-exec.ts';
import type { ExecDependencies } from './dependencies.ts';
import type { Exec } from './exec.ts';

/** A child that the process has left behind on its output does not hold the exec for longer than this. */
const drainTimeoutMs = 2_000;

/** What follows when an exec's process has ended: its output is drained, its exit code kept, its parts given back. */
export async function handleExecExit(deps: ExecDependencies, exec: Exec, exitCode: number): Promise<void> {
  if (exec.phase !== 'running') return;
  exec.exitCode = exitCode;
  exec.phase = 'exited';
  exec.markExited();
  deps.events.publish(execEvent(exec, 'exec_die'));
  deps.execs.forgetLater(exec);
  await deps.fault?.('exec:after-exit', exec.container.id);
  await ignoreMissing(deps.tasks.delete({ containerId: exec.container.id, execId: exec.id })).catch(
    (error: unknown) => {
      deps.log.warn({ err: error, exec: exec.id }, 'exec was not deleted');
    },
  );
  if (!exec.streams) return;
  await drained(exec.streams.ended);
  await exec.streams[Symbol.asyncDispose]();
}

async function drained(ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, drainTimeoutMs)));
  await Promise.race([ended, timeout]);
  clearTimeout(timer);
}
