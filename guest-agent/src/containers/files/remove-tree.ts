import { constants } from 'node:fs';
import { open, readdir, rmdir, unlink } from 'node:fs/promises';
import { inFolder } from './rooted-walk.ts';

/**
 * Removes whatever is at `file`. Each folder is opened before it is emptied, never through a link, so a folder that
 * is swapped for a link meanwhile leads nowhere.
 */
export async function removeTree(file: string): Promise<void> {
  try {
    return await unlink(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    if (code !== 'EISDIR' && code !== 'EPERM') throw error;
  }
  await empty(file);
  await rmdir(file);
}

async function empty(file: string): Promise<void> {
  await using folder = await open(file, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  for (const name of await readdir(inFolder(folder, '.'))) await removeTree(inFolder(folder, name));
}
