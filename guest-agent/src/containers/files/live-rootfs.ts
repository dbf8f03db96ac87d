import { readFile } from 'node:fs/promises';
import type { Mount } from '../../containerd/snapshots.ts';

/** Blanks and the like stand as octal numbers in mountinfo. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));

/**
 * Where the file system is mounted already, because its container runs: two mounts of one overlay would not see each
 * other's changes. null when it is not.
 */
export async function liveRootfs(mounts: readonly Mount[]): Promise<string | null> {
  return findMounted(await readFile('/proc/self/mountinfo', 'utf8'), mounts);
}

export function findMounted(mountInfo: string, [mount]: readonly Mount[]): string | null {
  const upper = mount?.options.find((option) => option.startsWith('upperdir='));
  if (upper === undefined) return null;
  for (const line of mountInfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const options = unescape(after.split(' ')[2] ?? '').split(',');
    if (after.startsWith('overlay ') && options.includes(upper)) return unescape(before.split(' ')[4] ?? '');
  }
  return null;
}
