import { execFile } from 'node:child_process';
import { ConflictError, SystemError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import { hasTask } from './container-state.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';

export interface ProcessTable {
  Titles: string[];
  Processes: string[][];
}

/** ps of the machine, reduced to the container's processes. `psArgs` '' means -ef. */
export async function topContainer(
  deps: ContainerDependencies,
  container: Container,
  psArgs: string,
): Promise<ProcessTable> {
  if (!hasTask(container.state)) throw new ConflictError(`container ${container.id} is not running`);
  if (container.state.phase === 'restarting')
    throw new ConflictError(`Container ${container.id} is restarting, wait until the container is running`);
  const pids = new Set((await deps.tasks.pids(container.id)).map(({ pid }) => pid));
  const table = parseTable(await ps((psArgs || '-ef').split(/\s+/).filter((arg) => arg !== '')), pids);
  deps.events.publish(containerEvent(container, 'top'));
  return table;
}

function ps(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ps', args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const text = stderr.split('\n').find((line) => line !== '') ?? error.message;
      reject(new SystemError(`ps: ${text}`, { cause: error }));
    });
  });
}

function parseTable(output: string, pids: ReadonlySet<number>): ProcessTable {
  const [head = '', ...rows] = output.split('\n').filter((line) => line.trim() !== '');
  const titles = head.trim().split(/\s+/);
  const pidColumn = titles.indexOf('PID');
  if (pidColumn === -1) throw new SystemError("Couldn't find PID field in ps output");
  const processes = rows
    .map((row) => columns(row, titles.length))
    .filter((fields) => pids.has(Number(fields[pidColumn])));
  return { Titles: titles, Processes: processes };
}

/** The last column, the command, keeps its blanks. */
function columns(row: string, count: number): string[] {
  const words = row.trim().split(/\s+/);
  return [...words.slice(0, count - 1), words.slice(count - 1).join(' ')];
}
