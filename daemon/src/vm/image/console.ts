import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { VmStartError } from '../driver.ts';

const pollIntervalMs = 30;
const phaseLine = /^berth: boot [\d.]+ \d+-(\S+)$/;
const failureLine = /^berth: boot failed: (.*)$/;
/** The agent's last words, each time that it is started with settings that are not to be had. */
const refusedConfig = /^daemon\.json: .*$/;
const kernelPanic = /Kernel panic - not syncing: (.*)$/;

/**
 * Follows the console of a guest that boots. Yields each step as it is finished; throws {@link VmStartError} as soon as
 * the guest says that its boot failed. Ends only by `signal` (rejecting) or by the consumer's return.
 */
export async function* followBoot(consoleLog: string, signal: AbortSignal): AsyncGenerator<string> {
  await using log = await open(consoleLog, 'r');
  let rest = '';
  for (;;) {
    const { buffer, bytesRead } = await log.read(Buffer.alloc(65_536));
    const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const failure = bootFailureIn(line);
      if (failure !== null) throw new VmStartError(failure);
      const step = phaseLine.exec(line.trim())?.[1];
      if (step !== undefined) yield step;
    }
    if (bytesRead === 0) await delay(pollIntervalMs, undefined, { signal });
  }
}

/** Why the boot failed, in one line, if the console says so. */
export function bootFailureIn(consoleText: string): string | null {
  for (const line of consoleText.split('\n')) {
    const failed = failureLine.exec(line.trim())?.[1];
    if (failed !== undefined) return `the guest did not boot: ${failed}`;
    const refused = refusedConfig.exec(line.trim())?.[0];
    if (refused !== undefined) return `the engine did not come up: ${refused}`;
    const panic = kernelPanic.exec(line.trim())?.[1];
    if (panic !== undefined) return `the guest's kernel crashed while it booted: ${panic}`;
  }
  return null;
}
