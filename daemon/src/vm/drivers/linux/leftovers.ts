import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { identifyProcess, type ProcessIdentity } from '../../../process/process-identity.ts';
import { terminate } from '../../../process/terminate.ts';
import type { LinuxFiles } from './files.ts';
import { removeNetworkLeftovers } from './network-leftovers.ts';

const run = promisify(execFile);

/** The shims of this machine's containers: they carry its containerd's address on their command line. */
export function findShims(files: LinuxFiles): Promise<ProcessIdentity[]> {
  return findProcesses((args) => isShim(args[0]) && args.includes(files.containerdSocket));
}

/** Ends what is left of the machine, however it ended: containers, shims, containerd, agent, mounts, network. */
export async function removeLeftovers(files: LinuxFiles): Promise<void> {
  for (const shim of await findShims(files)) {
    for (const child of await childrenOf(shim.pid)) await terminate(child, { graceMs: 0 });
    await terminate(shim, { graceMs: 0 });
  }
  const ours = (args: string[]) => args.includes(files.containerdConfig) || args.includes(files.agentConfig);
  for (const other of await findProcesses(ours)) await terminate(other, { graceMs: 1_000 });
  await unmountBelow(files.instanceDir);
  await removeNetworkLeftovers(files);
  for (const file of processFiles(files)) await rm(file, { force: true });
}

/** Notes and sockets of processes that have ended, of which those that were killed leave theirs. */
function processFiles(files: LinuxFiles): string[] {
  const { containerdPid, agentPid, engineSocket, guestSocket, containerdSocket } = files;
  return [containerdPid, agentPid, engineSocket, guestSocket, containerdSocket, `${containerdSocket}.ttrpc`];
}

/** Rejects while anything is mounted below the folder: deleting it would delete what is mounted. */
export async function releaseFolder(files: LinuxFiles): Promise<void> {
  await removeLeftovers(files);
  const [left] = await mountsBelow(files.instanceDir);
  if (left !== undefined) throw new Error(`${left} is still mounted`);
}

/** Unmounts everything below the folder, the innermost first. */
async function unmountBelow(folder: string): Promise<void> {
  for (const point of (await mountsBelow(folder)).reverse()) {
    await run('umount', [point]).catch(() => run('umount', ['--lazy', point]));
  }
}

/** In the order in which they were mounted. */
async function mountsBelow(folder: string): Promise<string[]> {
  const mountInfo = await readFile('/proc/self/mountinfo', 'utf8');
  return mountInfo
    .split('\n')
    .map((line) => unescapeOctal(line.split(' ')[4] ?? ''))
    .filter((point) => point.startsWith(`${folder}/`));
}

function isShim(file: string | undefined): boolean {
  return file !== undefined && /(^|\/)containerd-shim-runc-v2$/.test(file);
}

async function findProcesses(matches: (args: string[]) => boolean): Promise<ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const commandLine = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const identity = matches(commandLine.split('\0')) ? await identifyProcess(Number(entry)) : null;
    if (identity && identity.pid !== process.pid) found.push(identity);
  }
  return found;
}

async function childrenOf(pid: number): Promise<ProcessIdentity[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => ''));
  const pids = (await Promise.all(lists)).join(' ').split(/\s+/).filter(Boolean);
  const identities = await Promise.all(pids.map((child) => identifyProcess(Number(child))));
  return identities.filter((identity) => identity !== null);
}

/** proc(5) writes blanks and backslashes in paths as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
