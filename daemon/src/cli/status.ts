import { Command } from 'commander';
import type { MachineStatus } from '../api/status.ts';
import { machineStatus } from '../status.ts';
import { instanceFiles } from '../vm/instance-dir.ts';
import { MachineStore } from '../vm/machine-store.ts';
import { contextPaths, homeOption, type CliContext, type HomeOption } from './context.ts';
import { findDaemon } from './daemon-process.ts';

interface StatusOptions extends HomeOption {
  json?: boolean;
}

/** `berth status`: works without a daemon too. */
export function statusCommand(context: CliContext): Command {
  return new Command('status')
    .description('what the machine is and how it is doing')
    .option('--json', 'as JSON')
    .addOption(homeOption())
    .action((options: StatusOptions) => status(context, options));
}

async function status(context: CliContext, options: StatusOptions): Promise<void> {
  const paths = contextPaths(context, options);
  const store = new MachineStore(instanceFiles(paths.instanceDir).record);
  const daemon = await findDaemon(paths);
  const found = daemon ? await daemon.status() : await machineStatus({ paths, machine: null, store });
  context.stdout.write(options.json ? `${JSON.stringify(found, null, 2)}\n` : statusText(found));
}

/** For people: one property a line. */
export function statusText(status: MachineStatus): string {
  const rows: [string, string | null][] = [
    ['state', status.state],
    ['driver', status.driver],
    ['accelerator', status.accelerator],
    ['processor', status.architecture],
    ['docker host', status.dockerHost],
    ['cpus', String(status.cpus)],
    ['memory', `${status.memoryMiB} MiB`],
    ['disk', `${status.diskGiB} GiB`],
    ['last start', status.lastStart && startText(status.lastStart)],
    ['problem', status.problem],
    ...status.warnings.map((warning): [string, string] => ['warning', warning]),
  ];
  const shown = rows.filter(([, value]) => value !== null);
  return shown.map(([name, value]) => `${name.padEnd(13)}${value}\n`).join('');
}

function startText({ totalMs, phases, adopted }: NonNullable<MachineStatus['lastStart']>): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const steps = phases.map(({ phase, atMs }) => `${phase} ${seconds(atMs)}`).join(', ');
  return `${adopted ? 'taken over in ' : ''}${seconds(totalMs)} (${steps})`;
}
