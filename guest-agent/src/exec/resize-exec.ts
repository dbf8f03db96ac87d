import { ConflictError } from '../api/index.ts';
import type { TerminalSize } from '../containers/resize.ts';
import type { ExecDependencies } from './dependencies.ts';
import type { Exec } from './exec.ts';

export async function resizeExec(deps: ExecDependencies, exec: Exec, size: TerminalSize): Promise<void> {
  if (exec.phase !== 'running' || exec.pid === 0) throw new ConflictError(`exec process ${exec.id} is not running`);
  await deps.tasks.resizePty({ containerId: exec.container.id, execId: exec.id, ...size });
}
