import { type RunningVm, VmStartError } from '../driver.ts';
import { followBoot } from './console.ts';

export interface Boot {
  vm: Pick<RunningVm, 'exited'> & { agentUp: (signal: AbortSignal) => Promise<void> };
  consoleLog: string;
  onStep: (name: string) => void;
  signal: AbortSignal;
}

/**
 * Follows a guest that boots until its agent is on the link. Rejects with {@link VmStartError} as soon as the guest says
 * on its console that it failed, or ends.
 */
export async function untilBooted({ vm, consoleLog, onStep, signal }: Boot): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const follow = async () => {
    for await (const step of followBoot(consoleLog, either)) onStep(step);
  };
  const ended = vm.exited.then(({ reason }) => {
    throw new VmStartError(`the guest did not boot: ${reason}`);
  });
  const runs = [vm.agentUp(either), follow(), ended];
  try {
    await Promise.race(runs);
  } finally {
    over.abort();
    for (const run of runs) run.catch(() => undefined);
  }
}
