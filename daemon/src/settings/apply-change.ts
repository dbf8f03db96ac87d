import type { ApplyAnswer } from '../api/settings.ts';
import type { MachineStatus } from '../api/status.ts';
import { VmStartError } from '../vm/driver.ts';
import type { ConfigText } from './config-text.ts';

/** What an applied change needs of the machine. */
export interface ChangeableMachine {
  status(): Promise<MachineStatus>;
  stop(): Promise<void>;
  /** Resolves once the engine answers; rejects when it does not come up. */
  start(): Promise<void>;
}

/**
 * Writes a text that was found valid. With `restart`, a machine that runs takes it up at once, and when it does not come
 * up, the old text is put back and the machine started with that.
 */
export async function applyChange(
  config: ConfigText,
  { text, restart }: { text: string; restart: boolean },
  machine: ChangeableMachine,
): Promise<ApplyAnswer> {
  const { state } = await machine.status();
  if (!restart || (state !== 'running' && state !== 'failed')) {
    await config.replace(text);
    return answer('saved', machine);
  }
  await config.tryOut(text);
  try {
    await machine.stop();
    await machine.start();
  } catch (error) {
    await config.restore();
    return answer('restored', machine, await backAgain(error as Error, machine));
  }
  await config.keep();
  return answer('applied', machine);
}

/** The old text has been used before: when it does not work either, both reasons are told. */
async function backAgain(error: Error, machine: ChangeableMachine): Promise<Error> {
  try {
    await machine.start();
    return error;
  } catch (again) {
    const message = `${error.message}; with the old text again: ${(again as Error).message}`;
    return new VmStartError(message, { consoleTail: tailOf(error), cause: again });
  }
}

async function answer(
  outcome: ApplyAnswer['outcome'],
  machine: ChangeableMachine,
  error: Error | null = null,
): Promise<ApplyAnswer> {
  const consoleTail = error ? tailOf(error) : '';
  return { outcome, problem: error?.message ?? null, consoleTail, status: await machine.status() };
}

function tailOf(error: Error): string {
  return error instanceof VmStartError ? error.consoleTail : '';
}
