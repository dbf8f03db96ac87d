import { setTimeout as delay } from 'node:timers/promises';
import { DialError, type RunningVm, VmStartError } from '../../driver.ts';
import { followBoot } from './console.ts';

export interface Boot {
  vm: RunningVm;
  consoleLog: string;
  onStep: (name: string) => void;
  signal: AbortSignal;
}

const dialIntervalMs = 50;

/**
 * Follows a guest that boots until its agent answers on the link. Rejects with {@link VmStartError} as soon as the
 * guest says on its console that it failed, or ends.
 */
export async function untilBooted({ vm, consoleLog, onStep, signal }: Boot): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const network = Promise.withResolvers<void>();
  const ended = vm.exited.then(({ reason }) => {
    throw new VmStartError(`the guest did not boot: ${reason}`);
  });
  const follow = async () => {
    for await (const step of followBoot(consoleLog, either)) {
      onStep(step.name);
      if (step.networkUp) network.resolve();
    }
  };
  const answers = async () => {
    await network.promise;
    await untilAgentAnswers(vm, either);
  };
  const runs = [answers(), follow(), ended];
  try {
    await Promise.race(runs);
  } finally {
    over.abort();
    for (const run of runs) run.catch(() => undefined);
  }
}

/** Dials until the agent takes a stream for its guest API; a restarting agent is waited for. */
export async function untilAgentAnswers(vm: RunningVm, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      const stream = await vm.dial({ kind: 'guest' }, signal);
      stream.destroy();
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DialError)) throw error;
    }
    await delay(dialIntervalMs, undefined, { signal });
  }
}
