import { execFile } from 'node:child_process';
import { mkdir, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { VmDriver } from '../../driver.ts';

const run = promisify(execFile);

/** linux/magic.h: file systems that overlayfs cannot use as its upper layer, or that forget everything. */
const unfitFileSystems = new Map([
  [0x794c7630, 'overlayfs'],
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
]);

/** Can this process run containers on this host, with this containerd? */
export async function checkHost([containerd, ...args]: readonly [string, ...string[]]): ReturnType<VmDriver['check']> {
  if (process.platform !== 'linux') return { usable: false, problem: 'the linux driver needs a Linux host' };
  if (process.getuid?.() !== 0) {
    return { usable: false, problem: 'the linux driver runs containers on this host itself: run berth as root' };
  }
  // One of berth's own comes with its shim.
  const programs = containerd === 'containerd' ? ['runc', 'containerd-shim-runc-v2', 'containerd'] : ['runc'];
  for (const program of programs) {
    if (!(await isInstalled(program))) {
      return { usable: false, problem: `${program} is not installed (Debian: apt install containerd runc)` };
    }
  }
  return { usable: true, detail: (await run(containerd, [...args, '--version'])).stdout.trim() };
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    await run(program, ['-v']);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** Makes the folder; returns what makes it unfit for containers' layers, or null. */
export async function unfitFolder(folder: string): Promise<string | null> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const kind = unfitFileSystems.get((await statfs(folder)).type);
  return kind ? `${folder} is on ${kind}, which cannot hold containers' layers: use a --home on a disk` : null;
}
