import type { ContainerConfig } from '../../api/engine/container-config.ts';
import { SystemError } from '../../api/index.ts';
import type { Mount } from '../../containerd/snapshots.ts';
import { locateLayered } from '../../storage/layered-files.ts';
import type { MountPoint } from '../mount-point.ts';
import { layersOf } from '../start-steps/read-accounts.ts';
import { cleanPath } from './parse-mount.ts';

/** A working directory and the image's volumes have to be folders; refused in dockerd's words where they are files. */
export async function refuseFiles(
  rootfs: readonly Mount[],
  config: ContainerConfig,
  mounts: readonly MountPoint[],
): Promise<void> {
  const layers = layersOf(rootfs);
  if (config.WorkingDir !== '' && (await locateLayered(layers, config.WorkingDir)) !== null) {
    throw new SystemError(`Cannot mkdir: ${config.WorkingDir} is not a directory`);
  }
  const volumes = new Set(Object.keys(config.Volumes ?? {}).map(cleanPath));
  for (const { type, destination } of mounts) {
    if (type !== 'volume' || !volumes.has(destination)) continue;
    const file = await locateLayered(layers, destination);
    if (file !== null) throw new SystemError(`cannot mount volume over existing file, file exists ${file}`);
  }
}
