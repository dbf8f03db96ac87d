import { hasTask } from '../containers/container-state.ts';
import type { ExecDependencies } from './dependencies.ts';
import type { Exec } from './exec.ts';
import { handleExecExit } from './handle-exec-exit.ts';

/** For containerd to tell of the exec's own end; when the shim was killed it never does. */
const graceMs = 1_000;
const killedExit = 137;

/** An exec does not outlive its container's run: one that was never started is forgotten, as dockerd does. */
export function endWithContainer(deps: ExecDependencies, exec: Exec): void {
  const forget = exec.container.onState((state) => {
    if (hasTask(state)) return;
    forget();
    if (exec.phase === 'created') return deps.execs.remove(exec);
    if (exec.phase === 'running') setTimeout(() => void handleExecExit(deps, exec, killedExit), graceMs);
  });
  void exec.exited.then(forget);
}
