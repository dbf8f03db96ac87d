import { createHash } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { until } from '../../../concurrency/until.ts';
import { tailOf } from '../../../process/bounded-log.ts';
import { readPidFile, writePidFile } from '../../../process/pid-file.ts';
import type { ProcessIdentity } from '../../../process/process-identity.ts';
import { spawnDetached } from '../../../process/spawn-detached.ts';
import { terminate } from '../../../process/terminate.ts';
import { VmStartError } from '../../driver.ts';
import type { QemuFiles } from './files.ts';
import { endFolderServers } from './virtiofs/servers.ts';
import { QmpClient } from './qmp-client.ts';

/** A QEMU that runs, and the only connection to its control socket. */
export interface QemuProcess {
  identity: ProcessIdentity;
  qmp: QmpClient;
}

export interface Launch {
  program: string;
  args: readonly string[];
  files: QemuFiles;
  signal: AbortSignal;
}

const controlTimeoutMs = 10_000;

/** The UUID of the folder's machine: tells our QEMU from any other that may answer on the socket. */
export function machineUuid(instanceDir: string): string {
  const hex = createHash('sha256').update(instanceDir).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** Starts QEMU so that it outlives this process. Rejects with {@link VmStartError}; then it does not run. */
export async function launchQemu({ program, args, files, signal }: Launch): Promise<QemuProcess> {
  const command = { file: program, args, cwd: files.instanceDir, logFile: files.qemuLog };
  const { identity, exited } = await spawnDetached(command).catch(async (cause: unknown) => {
    throw new VmStartError(`QEMU does not start: ${await lastWords(files, (cause as Error).message)}`, { cause });
  });
  try {
    await writePidFile(files.pidFile, identity);
    const ended = exited.then(async (how) => {
      throw new VmStartError(`QEMU ended at once: ${await lastWords(files, how)}`);
    });
    ended.catch(() => undefined);
    const qmp = await Promise.race([connectControl(files, signal), ended]);
    for (const socket of [files.qmpSocket, files.linkSocket]) await chmod(socket, 0o600);
    return { identity, qmp };
  } catch (error) {
    await terminate(identity, { graceMs: 0 });
    await forgetProcess(files);
    throw error;
  }
}

/** The folder's QEMU if one runs that can be controlled. One that cannot be is ended; `onProblem` is told why. */
export async function findQemuProcess(
  files: QemuFiles,
  signal: AbortSignal,
  onProblem: (problem: string) => void,
): Promise<QemuProcess | null> {
  const identity = await readPidFile(files.pidFile);
  if (!identity) {
    await endStray(files);
    return null;
  }
  try {
    return { identity, qmp: await connectControl(files, signal) };
  } catch (error) {
    onProblem(`the QEMU that was left running cannot be controlled: ${(error as Error).message}`);
    await endProcess(files, identity);
    return null;
  }
}

/** SIGKILL, and nothing of it is left in the folder but disk and logs. */
export async function endProcess(files: QemuFiles, identity: ProcessIdentity): Promise<void> {
  await terminate(identity, { graceMs: 0 });
  await forgetProcess(files);
}

export async function forgetProcess(files: QemuFiles): Promise<void> {
  await endFolderServers(files);
  for (const file of [files.pidFile, files.qmpSocket, files.linkSocket, files.agentConfig])
    await rm(file, { force: true });
}

/** A QEMU whose starter died before it could note the process is only to be found by its socket. */
async function endStray(files: QemuFiles): Promise<void> {
  try {
    using qmp = await connectOnce(files, AbortSignal.timeout(controlTimeoutMs));
    await qmp.execute('quit').catch(() => undefined);
    await qmp.closed;
  } catch {
    // Nobody answers: there is none.
  }
  await forgetProcess(files);
}

async function connectControl(files: QemuFiles, signal: AbortSignal): Promise<QmpClient> {
  const timeout = AbortSignal.timeout(controlTimeoutMs);
  const either = AbortSignal.any([signal, timeout]);
  return until(() => connectOnce(files, either).catch(() => null), {
    timeoutMs: controlTimeoutMs,
    maxIntervalMs: 50,
    what: 'an answer on its control socket',
    signal: either,
  });
}

async function connectOnce(files: QemuFiles, signal: AbortSignal): Promise<QmpClient> {
  const qmp = await QmpClient.connect(files.qmpSocket, signal);
  const { UUID } = (await qmp.execute('query-uuid')) as { UUID: string };
  if (UUID === machineUuid(files.instanceDir)) return qmp;
  qmp[Symbol.dispose]();
  throw new Error('another machine answers on its control socket');
}

async function lastWords(files: QemuFiles, otherwise: string): Promise<string> {
  return (await tailOf(files.qemuLog, 1)) || otherwise;
}
