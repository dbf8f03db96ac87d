import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Mount } from '../../containerd/snapshots.ts';
import { resolveInRoot } from '../../storage/rooted-path.ts';

const run = promisify(execFile);

/**
 * Fills an empty volume with what the image has at the mount's place, ownership and mode included, as Docker does at a
 * volume's first use. A volume that holds anything is left alone, and so is a single file of one.
 */
export async function copyUp(request: {
  rootfs: readonly Mount[];
  path: string;
  volume: string;
  mountDir: string;
}): Promise<void> {
  const isFolder = (await lstat(request.volume)).isDirectory();
  if (!isFolder || (await readdir(request.volume)).length > 0) return;
  await mkdir(request.mountDir, { recursive: true, mode: 0o700 });
  const target = await mkdtemp(path.join(request.mountDir, 'copy-up-'));
  try {
    await mountReadOnly(request.rootfs, target);
    try {
      await copyFolder(target, request.path, request.volume);
    } finally {
      await run('umount', [target]);
    }
  } finally {
    await rmdir(target);
  }
}

async function mountReadOnly(rootfs: readonly Mount[], target: string): Promise<void> {
  for (const mount of rootfs) {
    await run('mount', ['-t', mount.type, '-o', ['ro', ...mount.options].join(','), mount.source, target]);
  }
}

/** cp keeps owners, modes, times, links and extended attributes. */
async function copyFolder(root: string, folder: string, volume: string): Promise<void> {
  const source = await resolveInRoot(root, folder);
  const stats = source === null ? null : await lstat(source);
  if (!stats?.isDirectory()) return;
  await run('cp', ['-a', '--', `${source}/.`, volume]);
}
