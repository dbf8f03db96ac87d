import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { DeviceFolders } from '../config.ts';
import { isMounted } from '../storage/mount-table.ts';

const run = promisify(execFile);

/**
 * What mount(8) is told besides the type. With 9p reads and writes go to the host at once (directio): kept ones would not see what
 * the host appends to an open file, and not say that the host's disk is full. Files can be mapped all the same (cache=mmap).
 * msize is what a request of virtio's can hold: each is waited for.
 */
const optionsOf: Readonly<Record<DeviceFolders['kind'], readonly string[]>> = {
  virtiofs: [],
  '9p': ['-o', 'trans=virtio,version=9p2000.L,msize=512000,cache=mmap,directio'],
};

/** It outlives the agent, and what an earlier one mounted serves as well. */
export async function mountDevice(kind: DeviceFolders['kind'], tag: string, target: string): Promise<void> {
  if (await isMounted(target)) return;
  await mkdir(target, { recursive: true });
  await run('mount', ['-t', kind, ...optionsOf[kind], tag, target]);
}
