import { realpath } from 'node:fs/promises';
import { type MountTableEntry, readMountTable } from '../../storage/mount-table.ts';

/** Nobody may take these off in a user namespace that the mount does not belong to (mount_namespaces(7)). */
const locked: readonly string[] = ['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'relatime'];

/** Options that a bind mount of `source` has to repeat in order to be allowed in a user namespace. */
export async function lockedOptions(source: string): Promise<string[]> {
  return lockedIn(await readMountTable(), await realpath(source));
}

export function lockedIn(table: readonly MountTableEntry[], file: string): string[] {
  const holds = ({ mountPoint }: MountTableEntry) =>
    mountPoint === '/' || file === mountPoint || file.startsWith(`${mountPoint}/`);
  const over = table.filter(holds);
  const deepest = Math.max(...over.map(({ mountPoint }) => mountPoint.length));
  const mount = over.findLast(({ mountPoint }) => mountPoint.length === deepest);
  return (mount?.options ?? []).filter((option) => locked.includes(option));
}
