import { rm } from 'node:fs/promises';
import { readPidFile, writePidFile } from '../../../process/pid-file.ts';
import { isAlive, type ProcessIdentity } from '../../../process/process-identity.ts';
import { spawnDetached } from '../../../process/spawn-detached.ts';
import { terminate } from '../../../process/terminate.ts';
import type { Wsl2Files } from './files.ts';
import type { Wsl } from './wsl.ts';

/** The wsl.exe that keep the two distributions running; they outlive the daemon. */
export interface Sessions {
  machine: ProcessIdentity;
  data: ProcessIdentity;
}

/** Starts both. Rejects when wsl.exe cannot be started; the caller then ends what there is. */
export async function startSessions(wsl: Wsl, files: Wsl2Files): Promise<Sessions> {
  const data = await startSession(wsl, {
    ...{ distribution: files.data, command: ['/bin/hold-data', files.machine] },
    ...{ cwd: files.instanceDir, logFile: files.dataLog, pidFile: files.dataPid },
  });
  const machine = await startSession(wsl, {
    ...{ distribution: files.machine, command: ['/usr/lib/berth/wsl/machine', files.machine] },
    ...{ cwd: files.instanceDir, logFile: files.consoleLog, pidFile: files.machinePid },
    inputFile: files.agentConfig,
  });
  return { machine, data };
}

interface Session {
  distribution: string;
  command: readonly string[];
  cwd: string;
  logFile: string;
  pidFile: string;
  inputFile?: string;
}

async function startSession(wsl: Wsl, session: Session): Promise<ProcessIdentity> {
  const { pidFile } = session;
  const { identity } = await spawnDetached({ ...session, file: wsl.program, args: wsl.execArguments(session) });
  await writePidFile(pidFile, identity);
  return identity;
}

/** Those that an earlier daemon left running; null unless both do. */
export async function findSessions(files: Wsl2Files): Promise<Sessions | null> {
  const [machine, data] = await Promise.all([readPidFile(files.machinePid), readPidFile(files.dataPid)]);
  return machine && data ? { machine, data } : null;
}

/** Ends both distributions and their wsl.exe, whatever state they are in. */
export async function endSessions(wsl: Wsl, files: Wsl2Files): Promise<void> {
  // The machine first: it uses the data.
  for (const name of [files.machine, files.data]) await wsl.terminate(name);
  for (const pidFile of [files.machinePid, files.dataPid]) {
    const left = await readPidFile(pidFile);
    if (left && (await isAlive(left))) await terminate(left, { graceMs: 2_000 });
    await rm(pidFile, { force: true });
  }
}
