import { realpath } from 'node:fs/promises';
import { type MountTableEntry, readMountTable } from '../../storage/mount-table.ts';
import { mountOf } from './propagation.ts';

/** Nobody may take these off in a user namespace that the mount does not belong to (mount_namespaces(7)). */
const locked: readonly string[] = ['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'relatime'];

/** Options that a bind mount of `source` has to repeat in order to be allowed in a user namespace. */
export async function lockedOptions(source: string): Promise<string[]> {
  return lockedIn(await readMountTable(), await realpath(source));
}

export const lockedIn = (table: readonly MountTableEntry[], file: string): string[] =>
  (mountOf(table, file)?.options ?? []).filter((option) => locked.includes(option));
