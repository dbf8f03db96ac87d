import type { Mount } from '../../containerd/snapshots.ts';
import { type MountTableEntry, readMountTable } from '../../storage/mount-table.ts';

/**
 * Where the file system is mounted already, because its container runs: two mounts of one overlay would not see each
 * other's changes. null when it is not.
 */
export async function liveRootfs(mounts: readonly Mount[]): Promise<string | null> {
  return findMounted(await readMountTable(), mounts);
}

export function findMounted(table: readonly MountTableEntry[], [mount]: readonly Mount[]): string | null {
  const upper = mount?.options.find((option) => option.startsWith('upperdir='));
  if (upper === undefined) return null;
  const isIt = ({ fsType, superOptions }: MountTableEntry) =>
    fsType === 'overlay' && superOptions.split(',').includes(upper);
  return table.find(isIt)?.mountPoint ?? null;
}
