import type { MachineStateName } from '../../api/status.ts';
import { type Finding, ok, problem } from '../finding.ts';

export type DaemonFact =
  | { kind: 'answers'; state: MachineStateName; problem: string | null; engineAnswers: boolean }
  | { kind: 'silent'; problem: string }
  /** `machineLeft`: the machine runs on without it. */
  | { kind: 'none'; machineLeft: boolean };

export function checkDaemon(fact: DaemonFact): Finding {
  if (fact.kind === 'silent') return problem(fact.problem, 'end that daemon by its process id, then `berth up`');
  if (fact.kind === 'none') {
    if (!fact.machineLeft) return ok('not running');
    return problem(
      'the daemon has ended without its machine',
      '`berth up` takes the machine over, `berth down` ends it',
    );
  }
  if (fact.state === 'failed') {
    return problem(
      `the machine failed: ${fact.problem ?? 'no reason is known'}`,
      '`berth logs` has more; `berth up` starts it again',
    );
  }
  if (fact.state === 'running' && !fact.engineAnswers) {
    return problem(
      'the machine runs, but its engine does not answer',
      '`berth logs` has more; `berth down` and `berth up` start it anew',
    );
  }
  return ok(`the daemon answers, the machine is ${fact.state}`);
}
