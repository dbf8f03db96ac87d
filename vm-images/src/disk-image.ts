import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import type { Versions } from './versions.ts';

/**
 * Packs a folder into an erofs image, everything owned by root, times and identity fixed: the same tree gives the same
 * bytes. lz4 starts the guest sooner than squashfs with zstd does, clusters of 256 KiB make up for most of the size.
 */
export async function makeDiskImage(source: string, target: string, versions: Versions): Promise<void> {
  await rm(target, { force: true });
  await execa('mkfs.erofs', [
    '--quiet',
    '--all-root',
    '-zlz4hc',
    '-C262144',
    '-Eztailpacking',
    `-T${versions.sourceDateEpoch}`,
    `-U${versions.fsUuid}`,
    target,
    source,
  ]);
}
