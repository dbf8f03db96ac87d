import { execFile } from 'node:child_process';
import { readdir, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { readMountTable } from '../storage/mount-table.ts';

const run = promisify(execFile);
const prefix = 'berth-init-';

/** Folders that this process mounts something on for a moment; the name says whose they are. */
export const mountFolderPrefix = path.join(tmpdir(), `${prefix}${process.pid}-`);

/** Takes away what processes that were killed left mounted, and the folders. */
export async function clearAbandonedMounts(): Promise<void> {
  const mounted = new Set((await readMountTable()).map(({ mountPoint }) => mountPoint));
  for (const name of await readdir(tmpdir())) {
    const [, pid] = name.startsWith(prefix) ? (/^berth-init-(\d+)-/.exec(name) ?? []) : [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const folder = path.join(tmpdir(), name);
    if (mounted.has(folder)) await run('umount', [folder]);
    await rmdir(folder);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
