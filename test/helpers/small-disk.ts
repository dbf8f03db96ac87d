import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { until } from '@berth/daemon/testing';
import { execa } from 'execa';

/** A file system of its own that a test can fill. Disposing it takes it away; nothing may use it any more. */
export interface SmallDisk extends AsyncDisposable {
  /** Beside the disk, with room. */
  readonly folder: string;
  readonly mountpoint: string;
  /** Fills it down to the last block. */
  fill(): void;
  free(): Promise<void>;
}

/** Mounts a new ext4 file system of so many bytes. Needs root. */
export async function openSmallDisk(bytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'full-'));
  const [image, mountpoint] = [path.join(folder, 'image'), path.join(folder, 'disk')];
  await writeFile(image, '');
  await truncate(image, bytes);
  await execa('mke2fs', ['-q', '-F', '-t', 'ext4', '-m', '0', image]);
  await mkdir(mountpoint);
  await execa('mount', ['-o', 'loop', image, mountpoint]);
  const filler = path.join(mountpoint, 'filler');
  return {
    ...{ folder, mountpoint },
    fill: () => fill(filler),
    free: () => rm(filler, { force: true }),
    async [Symbol.asyncDispose]() {
      const isFree = async () => (await execa('umount', [mountpoint], { reject: false })).exitCode === 0;
      await until(isFree, { timeoutMs: 20_000, what: 'the end of what uses the disk' });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function fill(file: string): void {
  const fd = openSync(file, 'w');
  try {
    for (const size of [1024 ** 2, 4096, 512]) {
      const block = Buffer.alloc(size, 1);
      try {
        for (;;) {
          writeSync(fd, block);
          fsyncSync(fd);
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(fd);
  }
}
