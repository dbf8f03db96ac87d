import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogLines } from '../api/streams.ts';
import type { Paths } from '../config/paths.ts';
import { tailOf } from '../process/bounded-log.ts';
import { readableLine } from './readable-line.ts';

const followIntervalMs = 300;
const lookBytes = 256 * 1024;

export type LogPaths = Pick<Paths, 'daemonLog' | 'instanceDir'>;

export interface FollowOptions {
  /** Lines of each log to begin with. */
  tail: number;
  /** Go on as lines are added, until the signal aborts. */
  follow: boolean;
  signal?: AbortSignal;
}

/** The daemon's log and what the driver keeps, from the files themselves, so that it works when nothing else does. */
export async function* followLogs(paths: LogPaths, { tail, follow, signal }: FollowOptions): AsyncGenerator<LogLines> {
  const positions = new Map<string, number>();
  for (const file of await logFiles(paths)) {
    positions.set(file, await sizeOf(file));
    const text = await tailOf(file, tail);
    if (text !== '') yield linesOf(file, text);
  }
  while (follow && !signal?.aborted) {
    await delay(followIntervalMs, undefined, { signal }).catch(() => undefined);
    for (const file of await logFiles(paths)) {
      for (let text = await linesSince(file, positions); text !== ''; text = await linesSince(file, positions)) {
        yield linesOf(file, text);
      }
    }
  }
}

function linesOf(file: string, text: string): LogLines {
  return { source: path.basename(file, '.log'), lines: text.split('\n').map(readableLine) };
}

/** The daemon's log and what the driver keeps in the instance folder. */
async function logFiles({ daemonLog, instanceDir }: LogPaths): Promise<string[]> {
  const names = await readdir(instanceDir).catch(() => []);
  const machine = names.filter((name) => name.endsWith('.log')).sort();
  return [daemonLog, ...machine.map((name) => path.join(instanceDir, name))];
}

/** Whole lines that came since the last look, some of them if they are many; a file that has shrunk is read from its start. */
async function linesSince(file: string, positions: Map<string, number>): Promise<string> {
  const size = await sizeOf(file);
  const known = positions.get(file) ?? 0;
  const from = size < known ? 0 : known;
  positions.set(file, from);
  const length = Math.min(size - from, lookBytes);
  if (length === 0) return '';
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
  const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a);
  // A line without an end is waited for, unless it fills a look.
  const take = end < 0 && bytesRead === lookBytes ? bytesRead : end;
  if (take < 0) return '';
  positions.set(file, from + Math.min(take + 1, bytesRead));
  return buffer.toString('utf8', 0, take);
}

function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
