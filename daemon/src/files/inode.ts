import type { BigIntStats } from 'node:fs';

/** A share may span several devices; in the guest it is one. */
export function inodeOf({ dev, ino }: BigIntStats): bigint {
  return BigInt.asUintN(64, ino ^ (dev << 40n));
}
