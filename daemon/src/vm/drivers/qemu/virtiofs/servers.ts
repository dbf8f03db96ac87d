import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { until } from '../../../../concurrency/until.ts';
import { tailOf } from '../../../../process/bounded-log.ts';
import { readPidFile, writePidFile } from '../../../../process/pid-file.ts';
import { spawnDetached } from '../../../../process/spawn-detached.ts';
import { terminate } from '../../../../process/terminate.ts';
import { type HostFolder, VmStartError } from '../../../driver.ts';
import type { QemuFiles } from '../files.ts';
import { findVirtiofsd, type VirtiofsProgram } from './program.ts';

/** A folder whose server waits for QEMU at a socket. */
export interface ServedFolder {
  kind: 'virtiofs';
  id: string;
  socket: string;
}

const startTimeoutMs = 10_000;
const endGraceMs = 1_000;
const socketEnding = '.virtiofs.sock';
const pidEnding = '.virtiofs.pid';

/**
 * A virtiofsd (found at one of `places`) for each folder. They end by themselves when QEMU does, and outlive this process
 * as QEMU does. Rejects with {@link VmStartError}; then none runs.
 */
export async function serveFolders(
  folders: readonly HostFolder[],
  files: QemuFiles,
  places?: string[],
): Promise<ServedFolder[]> {
  await endFolderServers(files);
  if (folders.length === 0) return [];
  const program = await findVirtiofsd(places);
  if ('problem' in program) throw new VmStartError(`${program.problem}; "shareKind": "sftp" needs none`);
  try {
    return await Promise.all(folders.map((folder) => serve(program, folder, files)));
  } catch (error) {
    await endFolderServers(files);
    throw error;
  }
}

/** Idempotent. */
export async function endFolderServers({ instanceDir }: QemuFiles): Promise<void> {
  const names = await readdir(instanceDir).catch(() => []);
  for (const name of names.filter((each) => each.endsWith(pidEnding))) {
    const identity = await readPidFile(path.join(instanceDir, name));
    if (identity) await terminate(identity, { graceMs: endGraceMs });
  }
  const left = names.filter((name) => [pidEnding, socketEnding].some((ending) => name.endsWith(ending)));
  for (const name of left) await rm(path.join(instanceDir, name), { force: true });
}

async function serve(program: VirtiofsProgram, shown: HostFolder, files: QemuFiles): Promise<ServedFolder> {
  try {
    return await launch(program, shown, files);
  } catch (cause) {
    const said = (await tailOf(files.qemuLog, 1)) || (cause as Error).message;
    throw new VmStartError(`${program.file} does not show ${shown.folder} to the machine: ${said}`, { cause });
  }
}

async function launch(program: VirtiofsProgram, { id, folder }: HostFolder, files: QemuFiles): Promise<ServedFolder> {
  const at = (ending: string) => path.join(files.instanceDir, `${id}${ending}`);
  const socket = at(socketEnding);
  const command = { file: program.file, args: argumentsOf(program, socket, folder), cwd: files.instanceDir };
  const { identity, exited } = await spawnDetached({ ...command, logFile: files.qemuLog });
  await writePidFile(at(pidEnding), identity);
  const ended = exited.then((how) => Promise.reject(new Error(how)));
  ended.catch(() => undefined);
  const waiting = { timeoutMs: startTimeoutMs, maxIntervalMs: 20, what: `socket of ${program.file}` };
  await Promise.race([until(() => existsSync(socket), waiting), ended]);
  return { kind: 'virtiofs', id, socket };
}

/** What others change is seen within a second: shorter is not to be had of the newer ones. */
export function argumentsOf({ isInC }: VirtiofsProgram, socket: string, folder: string): string[] {
  if (isInC) {
    const source = folder.replaceAll(/[\\,]/g, '\\$&');
    return [`--socket-path=${socket}`, ...['-o', `source=${source}`, '-o', 'cache=auto', '-o', 'log_level=warn']];
  }
  const common = [`--socket-path=${socket}`, `--shared-dir=${folder}`, '--cache=auto', '--log-level=warn'];
  // A tree may have more files than a process may have open.
  return process.getuid?.() === 0 ? [...common, '--inode-file-handles=prefer', '--modcaps=+dac_read_search'] : common;
}
