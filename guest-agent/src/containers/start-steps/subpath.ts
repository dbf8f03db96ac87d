import { lstat, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { InvalidParameterError, NotFoundError } from '../../api/index.ts';

/** As Linux and Go count. */
const maxLinks = 255;

/** A place inside a volume or an image; a link that leads out of it is refused, in dockerd's words. */
export async function subpathOf(folder: string, subpath: string): Promise<string> {
  const base = await realpath(folder);
  let [resolved, links] = [base, 0];
  const pending = partsOf(subpath);
  while (pending.length > 0) {
    const next = path.join(resolved, pending.shift() as string);
    if (next !== base && !next.startsWith(`${base}/`)) throw escapes(base, subpath);
    const stats = await lstat(next).catch(() => null);
    if (!stats || links > maxLinks) throw missing(path.join(base, subpath), next);
    if (!stats.isSymbolicLink()) {
      resolved = next;
      continue;
    }
    links++;
    const target = await readlink(next);
    if (path.isAbsolute(target)) throw escapes(base, subpath);
    pending.unshift(...partsOf(target));
  }
  return resolved;
}

const partsOf = (text: string): string[] => text.split('/').filter((part) => part !== '' && part !== '.');

const escapes = (base: string, subpath: string): Error =>
  new InvalidParameterError(`path concatenation escapes the base directory, base: ${base}, subpath: ${subpath}`);

const missing = (asked: string, part: string): Error =>
  new NotFoundError(`cannot access path ${asked}: lstat ${part}: no such file or directory`);
