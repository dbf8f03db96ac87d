import type { BigIntStats } from 'node:fs';
import { rfc3339Nano } from '../../clock.ts';

/** What X-Docker-Container-Path-Stat holds. */
export interface PathStat {
  name: string;
  size: number;
  mode: number;
  mtime: string;
  linkTarget: string;
}

const formatMask = 0o170000;
/** File types of Linux and their bits in Go's FileMode. */
const goTypes: Readonly<Record<number, number>> = {
  0o040000: 2 ** 31,
  0o120000: 2 ** 27,
  0o060000: 2 ** 26,
  0o020000: 2 ** 26 + 2 ** 21,
  0o010000: 2 ** 25,
  0o140000: 2 ** 24,
};
const goBits: ReadonlyArray<readonly [number, number]> = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
];

/** A mode of Linux as Go's os.FileMode writes it. */
export function goFileMode(mode: number): number {
  const type = goTypes[mode & formatMask] ?? 0;
  return goBits.reduce((sum, [bit, go]) => sum + (mode & bit ? go : 0), type + (mode & 0o777));
}

export function pathStat(stats: BigIntStats, { name, linkTarget }: { name: string; linkTarget: string }): PathStat {
  return {
    name,
    size: Number(stats.size),
    mode: goFileMode(Number(stats.mode)),
    mtime: rfc3339Nano(stats.mtimeNs),
    linkTarget,
  };
}
