import { mkdir, mkdtemp, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ContainerDependencies } from '../dependencies.ts';
import type { MountPoint } from '../mount-point.ts';
import { subpathOf } from './subpath.ts';

const run = promisify(execFile);

/**
 * The folder with an image's files, or a folder among them. It is mounted on the machine only until the runtime has
 * made the container: that one's own mount of it lives on.
 */
export async function imageFolder(
  deps: ContainerDependencies,
  mount: MountPoint,
  temporary: AsyncDisposableStack,
): Promise<string> {
  const view = await deps.rootfs.mounts(mount.snapshotKey ?? '');
  await mkdir(deps.root.mounts, { recursive: true, mode: 0o700 });
  const target = await mkdtemp(path.join(deps.root.mounts, 'image-'));
  temporary.defer(() => rmdir(target));
  for (const { type, source, options } of view) {
    await run('mount', [
      '-t',
      type,
      '-o',
      ['ro', ...options.filter((option) => option !== 'rw')].join(','),
      source,
      target,
    ]);
    temporary.defer(async () => void (await run('umount', ['-l', target])));
  }
  return mount.subpath === '' ? target : await subpathOf(target, mount.subpath);
}
