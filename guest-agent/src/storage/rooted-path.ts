import { lstat, readlink } from 'node:fs/promises';
import path from 'node:path';

const maxLinks = 40;

/**
 * Where `file` is when `root` is taken for '/': links, also absolute ones and '..', never lead out of it. null when it
 * does not exist. Only for a tree that nobody changes meanwhile.
 */
export async function resolveInRoot(root: string, file: string): Promise<string | null> {
  let links = 0;
  let resolved = '/';
  const pending = file.split('/').filter((part) => part !== '' && part !== '.');
  while (pending.length > 0) {
    const part = pending.shift() as string;
    if (part === '..') {
      resolved = path.posix.dirname(resolved);
      continue;
    }
    const next = path.posix.join(resolved, part);
    const stats = await lstat(path.join(root, next)).catch(() => null);
    if (!stats) return null;
    if (!stats.isSymbolicLink()) {
      resolved = next;
      continue;
    }
    if (++links > maxLinks) return null;
    const target = await readlink(path.join(root, next));
    if (path.posix.isAbsolute(target)) resolved = '/';
    pending.unshift(...target.split('/').filter((piece) => piece !== '' && piece !== '.'));
  }
  return path.join(root, resolved);
}
