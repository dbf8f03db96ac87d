import { ignoreMissing } from '../containers/release-task.ts';
import { execEvent } from './create-exec.ts';
import type { ExecDependencies } from './dependencies.ts';
import type { Exec } from './exec.ts';

/** What follows when an exec's process has ended: its output is drained, its exit code kept, its parts given back. */
export async function handleExecExit(deps: ExecDependencies, exec: Exec, exitCode: number): Promise<void> {
  if (exec.phase !== 'running') return;
  exec.exitCode = exitCode;
  exec.phase = 'exited';
  exec.markExited();
  deps.events.publish(execEvent(exec, 'exec_die'));
  deps.execs.forgetLater(exec);
  await ignoreMissing(deps.tasks.delete({ containerId: exec.container.id, execId: exec.id })).catch(
    (error: unknown) => {
      deps.log.warn({ err: error, exec: exec.id }, 'exec was not deleted');
    },
  );
  await exec.streams?.ended;
  await exec.streams?.[Symbol.asyncDispose]();
}
