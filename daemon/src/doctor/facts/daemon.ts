import { ControlClient, DaemonNotRunningError } from '../../api/control-client.ts';
import { longestSocketPath } from '../../vm/socket-path.ts';
import { instanceFiles } from '../../vm/instance-dir.ts';
import { MachineStore } from '../../vm/machine-store.ts';
import type { DaemonFact } from '../checks/daemon.ts';
import type { DoctorHost } from '../host.ts';
import { pingEngine } from './ping.ts';

const answerTimeoutMs = 5_000;

export async function daemonFact({ paths }: DoctorHost): Promise<DaemonFact> {
  // What cannot be bound has no daemon behind it; the path is its own check's finding.
  if (Buffer.byteLength(paths.controlSocket) > longestSocketPath) return { kind: 'none', machineLeft: false };
  const limit = AbortSignal.timeout(answerTimeoutMs);
  try {
    const { state, problem } = await new ControlClient(paths.controlSocket).status(limit);
    const engineAnswers = state === 'running' && (await pingEngine(paths.engineSocket)) !== null;
    return { kind: 'answers', state, problem, engineAnswers };
  } catch (error) {
    if (error instanceof DaemonNotRunningError)
      return { kind: 'none', machineLeft: await runsAlone(paths.instanceDir) };
    const why = limit.aborted ? `not within ${answerTimeoutMs / 1000} s` : (error as Error).message;
    return { kind: 'silent', problem: `the daemon does not answer (${why}), see ${paths.daemonLog}` };
  }
}

async function runsAlone(instanceDir: string): Promise<boolean> {
  const record = await new MachineStore(instanceFiles(instanceDir).record).read();
  return record?.state === 'running';
}
