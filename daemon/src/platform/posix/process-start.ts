import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export function startOfProcess(pid: number): Promise<string | null> {
  return process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
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
