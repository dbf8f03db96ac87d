import { createHash } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { hostPath } from './host-path.ts';
import { isWithin } from './shared-folder.ts';

/** A folder of the host's that containers may mount, and everything below it. */
export interface Share {
  id: string;
  /** Real path: no symbolic link is left in it. */
  folder: string;
}

/** Where in which share a bind source is. */
export interface Located {
  share: Share;
  /** Relative to the share's folder with slashes; '' for the folder itself. */
  path: string;
  exists: boolean;
}

/** The shares as they are at the moment: folders that do not exist are left out. */
export async function sharesOf(folders: readonly string[]): Promise<Share[]> {
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => null)));
  const found = [...new Set(real.filter((folder) => folder !== null))];
  return found.map((folder) => ({ id: createHash('sha256').update(folder).digest('hex').slice(0, 12), folder }));
}

/**
 * Finds a bind source in the shares, by where it really is: a link that leads out of all of them is outside. null:
 * outside. A source that does not exist is where its nearest existing folder is.
 */
export async function locate(source: string, shares: readonly Share[]): Promise<Located | null> {
  const asked = hostPath(source);
  if (asked === null) return null;
  const { real, exists } = await nearestReal(asked);
  // The innermost, so that two containers see the same whichever share comes first in the settings.
  const [share] = shares
    .filter(({ folder }) => isWithin(folder, real))
    .sort((a, b) => b.folder.length - a.folder.length);
  if (!share) return null;
  return { share, path: path.relative(share.folder, real).split(path.sep).join('/'), exists };
}

/** Makes the folder and what is missing above it. */
export async function makeSource({ share, path: relative }: Located): Promise<void> {
  await mkdir(path.join(share.folder, relative), { recursive: true });
}

async function nearestReal(file: string): Promise<{ real: string; exists: boolean }> {
  const missing: string[] = [];
  for (let at = file; ; at = path.dirname(at)) {
    try {
      return { real: path.join(await realpath(at), ...missing), exists: missing.length === 0 };
    } catch (error) {
      if (at === path.dirname(at) || !isMissing(error)) throw error;
      missing.unshift(path.basename(at));
    }
  }
}

const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
