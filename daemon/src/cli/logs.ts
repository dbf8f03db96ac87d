import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { Paths } from '../config/paths.ts';
import { tailOf } from '../process/bounded-log.ts';
import { parseCount } from './arguments.ts';
import { contextPaths, homeOption, type CliContext, type HomeOption } from './context.ts';
import { readableLine } from './log-line.ts';

interface LogsOptions extends HomeOption {
  follow?: boolean;
  tail: number;
}

const followIntervalMs = 300;

/** `berth logs`: reads the files itself, so that it works when nothing else does. */
export function logsCommand(context: CliContext): Command {
  return new Command('logs')
    .description("the daemon's and the machine's logs")
    .option('-f, --follow', 'go on as lines are added')
    .option('-n, --tail <lines>', 'lines of each log to begin with', parseCount, 200)
    .addOption(homeOption())
    .action((options: LogsOptions) => logs(context, options));
}

async function logs(context: CliContext, options: LogsOptions): Promise<void> {
  const paths = contextPaths(context, options);
  const print = (file: string, text: string) => {
    const source = path.basename(file, '.log');
    for (const line of text.split('\n')) context.stdout.write(`${source.padEnd(10)} | ${readableLine(line)}\n`);
  };
  const positions = new Map<string, number>();
  for (const file of await logFiles(paths)) {
    positions.set(file, await sizeOf(file));
    const tail = await tailOf(file, options.tail);
    if (tail !== '') print(file, tail);
  }
  while (options.follow) {
    await delay(followIntervalMs);
    for (const file of await logFiles(paths)) {
      const added = await linesSince(file, positions);
      if (added !== '') print(file, added);
    }
  }
}

/** The daemon's log and what the driver keeps in the instance folder. */
async function logFiles({ daemonLog, instanceDir }: Paths): Promise<string[]> {
  const names = await readdir(instanceDir).catch(() => []);
  const machine = names.filter((name) => name.endsWith('.log')).sort();
  return [daemonLog, ...machine.map((name) => path.join(instanceDir, name))];
}

/** Whole lines that came since the last look; a file that has shrunk was cut and is read from its start. */
async function linesSince(file: string, positions: Map<string, number>): Promise<string> {
  const size = await sizeOf(file);
  const known = positions.get(file) ?? 0;
  const from = size < known ? 0 : known;
  positions.set(file, from);
  if (size === from) return '';
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
  const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a);
  if (end < 0) return '';
  positions.set(file, from + end + 1);
  return buffer.toString('utf8', 0, end);
}

function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
