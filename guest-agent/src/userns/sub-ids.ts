import { readFile } from 'node:fs/promises';
import type { IdRange } from './id-mapping.ts';

/** A line of /etc/subuid or /etc/subgid (subuid(5)). */
export interface SubIds {
  /** Name or number of the user. */
  owner: string;
  start: number;
  count: number;
}

/** The file's lines; rejects in Go's words when it cannot be read. */
export async function readSubIds(file: string): Promise<SubIds[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'no such file or directory' : 'permission denied';
    throw new Error(`open ${file}: ${reason}`, { cause: error });
  });
  return parseSubIds(text);
}

export function parseSubIds(text: string): SubIds[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [owner = '', start, count] = line.split(':');
      return { owner, start: Number(start) || 0, count: Number(count) || 0 };
    });
}

/** A user's ranges, one after the other, are the ids of its containers from 0 on. */
export function mappedRanges(lines: readonly SubIds[], user: { name: string; id: number }): IdRange[] {
  const ranges: IdRange[] = [];
  let containerId = 0;
  for (const { owner, start, count } of lines) {
    if (owner !== user.name && owner !== String(user.id)) continue;
    ranges.push({ containerId, hostId: start, size: count });
    containerId += count;
  }
  return ranges;
}

const firstStart = 100_000;
export const rangeSize = 65_536;

/** Where a range of {@link rangeSize} ids that nobody has begins, looking from 100,000 on as dockerd does. */
export function freeStart(lines: readonly SubIds[]): number {
  let free = firstStart;
  for (const { start, count } of [...lines].sort((a, b) => a.start - b.start)) {
    const [end, needed] = [start + count, free + rangeSize];
    if ((free >= start && free <= end) || (needed >= start && needed <= end)) free = end;
  }
  return free;
}
