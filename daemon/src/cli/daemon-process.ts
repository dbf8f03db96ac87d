import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { ControlClient, DaemonNotRunningError } from '../api/control-client.ts';
import { until } from '../concurrency/until.ts';
import { ConfigError } from '../config/config-error.ts';
import { daemonNodeFlags } from '../config/installation.ts';
import { makeHome, type Paths } from '../config/paths.ts';

/** What a daemon that was started says on file descriptor {@link readyFd}, once, before it closes it. */
export type ReadyMessage = { kind: 'ready' } | { kind: 'locked' } | { kind: 'failed'; problem: string };

export const readyFd = 3;
const answerTimeoutMs = 10_000;
const startTimeoutMs = 30_000;

/** A client of the home's daemon, which is started if there is none. `started`: it was, by this call. */
export async function ensureDaemon(paths: Paths): Promise<{ client: ControlClient; started: boolean }> {
  const client = new ControlClient(paths.controlSocket);
  await makeHome(paths);
  const attempt = async () => {
    if (await answers(client, paths)) return { client, started: false };
    const message = await spawnDaemon(paths);
    if (message.kind === 'failed') throw new Error(message.problem);
    // Locked: another one is just starting or ending.
    return message.kind === 'ready' && { client, started: true };
  };
  return until(attempt, { timeoutMs: startTimeoutMs, what: `an answer from the daemon of ${paths.home}` });
}

/** The home's daemon, if it runs. */
export async function findDaemon(paths: Paths): Promise<ControlClient | null> {
  const client = new ControlClient(paths.controlSocket);
  return (await answers(client, paths)) ? client : null;
}

async function answers(client: ControlClient, paths: Paths): Promise<boolean> {
  const limit = AbortSignal.timeout(answerTimeoutMs);
  try {
    await client.status(limit);
    return true;
  } catch (error) {
    if (error instanceof DaemonNotRunningError) return false;
    if (limit.aborted) throw new Error(`the daemon does not answer, see ${paths.daemonLog}`, { cause: error });
    throw error;
  }
}

/** Starts this program again as the daemon, in a session of its own, with the log as its output. */
async function spawnDaemon(paths: Paths): Promise<ReadyMessage> {
  await using log = await openLog(paths);
  const args = [...process.execArgv, ...daemonNodeFlags, process.argv[1] ?? '', 'daemon', '--home', paths.home];
  const child = spawn(process.execPath, args, {
    cwd: paths.home,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log.fd, log.fd, 'pipe'],
  });
  await once(child, 'spawn');
  const said = await text(child.stdio[readyFd] as Readable);
  child.unref();
  if (said !== '') return JSON.parse(said) as ReadyMessage;
  return { kind: 'failed', problem: `the daemon ended before it was ready, see ${paths.daemonLog}` };
}

async function openLog(paths: Paths) {
  try {
    return await open(paths.daemonLog, 'a', 0o600);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`${paths.daemonLog} cannot be written (${code})`, { cause });
  }
}
