import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process that cannot be mistaken for a later one with the same number, not even after a reboot. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque: when it started, as the system tells it. */
  started: string;
}

const run = promisify(execFile);

/** null: there is no such process, or it is a zombie. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const started = process.platform === 'linux' ? await startFromProc(pid) : await startFromPs(pid);
  return started === null ? null : { pid, started };
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.started === identity.started;
}

/** Sends the signal only if that very process still runs; false when it does not. */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

let bootId: Promise<string> | undefined;

/** proc(5): the name is in brackets and may hold anything; after it come the state and, 19 fields on, the start. */
async function startFromProc(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    bootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${(await bootId).trim()}/${fields[19]}`;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

async function startFromPs(pid: number): Promise<string | null> {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-o', 'stat=', '-p', String(pid)]);
    const match = /^(.*\S)\s+(\S+)\s*$/.exec(stdout.trim());
    return match?.[1] && !match[2]?.startsWith('Z') ? match[1] : null;
  } catch {
    return null;
  }
}
