import { chmod, chown, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Stats } from 'node:fs';
import { InvalidParameterError } from '../api/index.ts';
import type { Owner } from './id-mapping.ts';

/**
 * The containers' root has to get through to its file system. `own` folders, which are the engine's, let its group pass
 * (and not read); one of somebody else's in the way is refused in dockerd's words, as only its owner may open it.
 */
export async function openFolders(target: string, own: readonly string[], root: Owner): Promise<void> {
  for (const folder of own) await letPass(folder, root);
  for (let folder = target; folder !== '/'; folder = path.dirname(folder)) {
    const stats = await stat(folder).catch(() => null);
    if (stats === null || mayPass(stats, root)) continue;
    throw new InvalidParameterError(
      `a subdirectory in your graphroot path (${target}) restricts access to the remapped root uid/gid; please fix by allowing 'o+x' permissions on existing directories`,
    );
  }
}

async function letPass(folder: string, root: Owner): Promise<void> {
  const stats = await stat(folder);
  if (mayPass(stats, root)) return;
  await chown(folder, stats.uid, root.gid);
  await chmod(folder, (stats.mode & 0o707) | 0o010);
}

function mayPass({ mode, uid, gid }: Stats, root: Owner): boolean {
  if (uid === root.uid && mode & 0o100) return true;
  if (gid === root.gid && mode & 0o010) return true;
  return (mode & 0o001) !== 0;
}
