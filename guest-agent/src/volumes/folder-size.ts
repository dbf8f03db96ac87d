import { lstat, opendir } from 'node:fs/promises';
import path from 'node:path';

/** Bytes of the files in a tree, each hard link once; what vanishes meanwhile does not count. */
export async function folderSize(root: string, seen: Set<string> = new Set()): Promise<number> {
  let size = 0;
  const folder = await opendir(root).catch(ignoreMissing);
  if (!folder) return 0;
  for await (const entry of folder) {
    const file = path.join(root, entry.name);
    if (entry.isDirectory()) {
      size += await folderSize(file, seen);
      continue;
    }
    const stats = await lstat(file).catch(ignoreMissing);
    const inode = `${stats?.dev}:${stats?.ino}`;
    if (!stats || (stats.nlink > 1 && seen.has(inode))) continue;
    if (stats.nlink > 1) seen.add(inode);
    size += stats.size;
  }
  return size;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}
