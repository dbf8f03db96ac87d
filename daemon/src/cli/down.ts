import { Command } from 'commander';
import { machineStatus } from '../status.ts';
import { until } from '../concurrency/until.ts';
import type { Paths } from '../config/paths.ts';
import { platform } from '../platform/platform.ts';
import { instanceFiles } from '../vm/instance-dir.ts';
import { MachineStore } from '../vm/machine-store.ts';
import { contextPaths, homeOption, type CliContext, type HomeOption } from './context.ts';
import { ensureDaemon, findDaemon } from './daemon-process.ts';

const daemonEndTimeoutMs = 30_000;

/** `berth down`: no machine and no daemon run afterwards; nothing happens when none did. */
export function downCommand(context: CliContext): Command {
  return new Command('down')
    .description('stop the machine and the daemon')
    .addOption(homeOption())
    .action((options: HomeOption) => down(context, options));
}

async function down(context: CliContext, options: HomeOption): Promise<void> {
  const paths = contextPaths(context, options);
  if (!(await end(paths))) context.stderr.write('berth: the machine is not running\n');
}

/** Ends machine and daemon; false: neither ran. */
export async function end(paths: Paths): Promise<boolean> {
  const client = (await findDaemon(paths)) ?? (await leftAlone(paths));
  if (!client) return false;
  await client.stop();
  await client.shutdown();
  await until(() => isUnlocked(paths), { timeoutMs: daemonEndTimeoutMs, what: 'end of the daemon' });
  return true;
}

/** The daemon holds the lock for as long as it lives. */
async function isUnlocked(paths: Paths): Promise<boolean> {
  const lock = await platform.lockFile(paths.lock);
  await lock?.[Symbol.asyncDispose]();
  return lock !== null;
}

/** A machine whose daemon has ended needs one again, to be ended properly. */
async function leftAlone(paths: Paths) {
  const store = new MachineStore(instanceFiles(paths.instanceDir).record);
  const { state } = await machineStatus({ paths, machine: null, store });
  return state === 'detached' ? (await ensureDaemon(paths)).client : null;
}
