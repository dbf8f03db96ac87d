import { access, constants, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { platform } from '../../platform/platform.ts';
import { longestSocketPath } from '../../vm/socket-path.ts';
import { qemuFiles } from '../../vm/drivers/qemu/files.ts';
import type { DiskSpaceFact } from '../checks/disk-space.ts';
import type { HomeFact } from '../checks/home.ts';
import type { SocketPathFact } from '../checks/socket-path.ts';
import type { DoctorHost } from '../host.ts';

export async function socketPathFact({ paths, driver }: DoctorHost): Promise<SocketPathFact> {
  const ofVm = driver.image === 'vm' ? [qemuFiles(paths.instanceDir).linkSocket] : [];
  return { paths: [paths.engineSocket, paths.controlSocket, ...ofVm], limit: longestSocketPath };
}

export async function diskSpaceFact({ paths: { home } }: DoctorHost): Promise<DiskSpaceFact> {
  const { bavail, bsize } = await statfs(await nearestFolder(home));
  return { home, freeBytes: bavail * bsize };
}

export async function homeFact({ paths: { home } }: DoctorHost): Promise<HomeFact> {
  const found = await stat(home).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) return { home, state: await whyAbsent(home, found.code), access: null };
  if (!found.isDirectory()) return { home, state: 'not a folder', access: null };
  if (!(await isUsable(home))) return { home, state: 'not readable and writable', access: null };
  return { home, state: 'usable', access: await platform.accessTo(home) };
}

async function whyAbsent(home: string, code: string | undefined): Promise<HomeFact['state']> {
  if (code === 'ENOTDIR') return 'cannot be made';
  if (code !== 'ENOENT') return 'not readable and writable';
  return (await isUsable(await nearestFolder(home))) ? 'absent' : 'cannot be made';
}

/** The folder itself, or the first above it that is there. */
async function nearestFolder(folder: string): Promise<string> {
  const there = await stat(folder).catch(() => null);
  const above = path.dirname(folder);
  return there || above === folder ? folder : nearestFolder(above);
}

function isUsable(folder: string): Promise<boolean> {
  return access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}
