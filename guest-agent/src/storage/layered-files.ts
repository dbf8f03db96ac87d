import { lstat, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

const maxLinks = 40;

/**
 * Reads a file as it appears in an overlay of folders, topmost first, without mounting it: whiteouts hide, opaque
 * folders cut, symbolic links stay inside. null when there is no such regular file.
 */
export async function readLayered(layers: readonly string[], file: string): Promise<string | null> {
  const found = await locate(layers, file, 0);
  return found === null ? null : await readFile(found, 'utf8');
}

/** Where a regular file lies, found as {@link readLayered} does; null when there is none at that path. */
export const locateLayered = (layers: readonly string[], file: string): Promise<string | null> =>
  locate(layers, file, 0);

async function locate(layers: readonly string[], file: string, links: number): Promise<string | null> {
  if (links > maxLinks) return null;
  const parts = path.posix
    .normalize(`/${file}`)
    .split('/')
    .filter((part) => part !== '');
  let visible = [...layers];
  for (const [i, part] of parts.entries()) {
    const prefix = parts.slice(0, i).join('/');
    const entry = await topmost(visible, path.posix.join(prefix, part));
    if (entry === null) return null;
    if (entry.kind === 'link') {
      const target = path.posix.resolve('/', prefix, entry.target);
      return locate(layers, path.posix.join(target, ...parts.slice(i + 1)), links + 1);
    }
    if (entry.kind === 'file') return i === parts.length - 1 ? entry.path : null;
    visible = entry.layers;
  }
  return null;
}

type Entry = { kind: 'file'; path: string } | { kind: 'link'; target: string } | { kind: 'folder'; layers: string[] };

/** What the overlay shows at a path: the topmost layer that has it decides; folders merge with those below. */
async function topmost(layers: string[], relative: string): Promise<Entry | null> {
  const merged: string[] = [];
  for (const layer of layers) {
    const full = path.join(layer, relative);
    const stats = await lstat(full).catch(() => null);
    if (stats === null) continue;
    const isWhiteout = stats.isCharacterDevice() && stats.rdev === 0;
    if (merged.length > 0 && !stats.isDirectory()) break;
    if (isWhiteout) return null;
    if (stats.isSymbolicLink()) return { kind: 'link', target: await readlink(full) };
    if (stats.isFile()) return { kind: 'file', path: full };
    if (!stats.isDirectory()) return null;
    merged.push(layer);
  }
  return merged.length > 0 ? { kind: 'folder', layers: merged } : null;
}
