import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../../concurrency/until.ts';
import { tailOf } from '../../../process/bounded-log.ts';
import { readPidFile, writePidFile } from '../../../process/pid-file.ts';
import { isAlive, type ProcessIdentity } from '../../../process/process-identity.ts';
import { spawnDetached, type DetachedCommand } from '../../../process/spawn-detached.ts';
import { terminate } from '../../../process/terminate.ts';
import { connectStream } from '../../connect.ts';

/** A process of the machine that outlives the daemon. */
export interface Service {
  name: string;
  command: DetachedCommand;
  pidFile: string;
  /** It is up once this unix socket accepts. */
  socket: string;
  /** Further sockets it makes: a file left by an earlier run would be in its way. */
  otherSockets: readonly string[];
  /** A last line of its log that looks so says why it ended; absent: none does. */
  reason?: RegExp;
}

export interface RunningService {
  service: Service;
  identity: ProcessIdentity;
  /** Resolves with how it ended, in words, or once `signal` aborts. */
  exited: (signal: AbortSignal) => Promise<string>;
}

const startTimeoutMs = 30_000;
const watchIntervalMs = 500;

/** Starts it and waits until its socket accepts; rejects with one line, and then it does not run. */
export async function startService(service: Service, signal?: AbortSignal): Promise<RunningService> {
  for (const socket of [service.socket, ...service.otherSockets]) await rm(socket, { force: true });
  const { identity, exited } = await spawnDetached(service.command);
  const running = { service, identity, exited: () => exited };
  try {
    await writePidFile(service.pidFile, identity);
    await Promise.race([accepting(service, signal), failedStart(service, exited)]);
    return running;
  } catch (error) {
    await terminate(identity, { graceMs: 0 });
    throw error;
  }
}

/** The service, if an earlier daemon left it running. */
export async function findService(service: Service): Promise<RunningService | null> {
  const identity = await readPidFile(service.pidFile);
  return identity && { service, identity, exited: (signal) => watched(identity, signal) };
}

/** The last words of its log where they say why, otherwise how it ended. */
export async function whyEnded({ command, reason }: Service, how: string): Promise<string> {
  const lastLine = await tailOf(command.logFile, 1);
  return reason?.test(lastLine) ? lastLine : how;
}

async function accepting(service: Service, signal?: AbortSignal): Promise<void> {
  const look = () =>
    connectStream({ path: service.socket }, signal).then(
      (socket) => !!socket.destroy(),
      () => false,
    );
  await until(look, { timeoutMs: startTimeoutMs, maxIntervalMs: 50, what: `an answer from ${service.name}`, signal });
}

async function failedStart(service: Service, exited: Promise<string>): Promise<never> {
  throw new Error(`${service.name} ended at once (${await whyEnded(service, await exited)})`);
}

/** It is not our child any more, so its end can only be seen by looking. */
async function watched(identity: ProcessIdentity, signal: AbortSignal): Promise<string> {
  while (!signal.aborted && (await isAlive(identity))) {
    await delay(watchIntervalMs, undefined, { signal }).catch(() => undefined);
  }
  return 'it went away';
}
