import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, rm, rmdir, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { mountFolderPrefix } from './abandoned-mounts.ts';
import type { Mount } from '../containerd/snapshots.ts';

const run = promisify(execFile);

/** What Docker puts between an image and its containers: mount points and files that it fills in at start. */
const entries: ReadonlyArray<readonly [name: string, kind: 'dir' | 'file' | 'link']> = [
  ['dev/pts', 'dir'],
  ['dev/shm', 'dir'],
  ['proc', 'dir'],
  ['sys', 'dir'],
  ['.dockerenv', 'file'],
  ['etc/resolv.conf', 'file'],
  ['etc/hosts', 'file'],
  ['etc/hostname', 'file'],
  ['dev/console', 'file'],
  ['etc/mtab', 'link'],
];

/** Mounts a snapshot for a moment and fills it. */
export function writeInitLayer(mounts: Mount[]): Promise<void> {
  return withMounted(mounts, async (target) => {
    for (const [name, kind] of entries) await create(target, name, kind);
  });
}

/** Mounts a snapshot on a folder of its own for as long as the work takes. */
export async function withMounted(mounts: Mount[], work: (target: string) => Promise<void>): Promise<void> {
  const target = await mkdtemp(mountFolderPrefix);
  try {
    for (const { type, source, options } of mounts) {
      await run('mount', ['-t', type === 'bind' ? 'none' : type, '-o', options.join(','), source, target]);
    }
    try {
      await work(target);
    } finally {
      await run('umount', [target]);
    }
  } finally {
    await rmdir(target);
  }
}

async function create(root: string, name: string, kind: 'dir' | 'file' | 'link'): Promise<void> {
  const parts = name.split('/');
  const parents = parts.slice(0, kind === 'dir' ? undefined : -1);
  let place = root;
  for (const part of parents) {
    place = path.join(place, part);
    await ensureDirectory(place);
  }
  if (kind === 'dir') return;
  const file = path.join(root, name);
  if (kind === 'link' && !(await exists(file))) await symlink('/proc/mounts', file);
  if (kind === 'file') await createFile(file);
}

/** An image may hold a symbolic link here, which would lead out of it: it is replaced, never followed. */
async function ensureDirectory(place: string): Promise<void> {
  const stats = await lstat(place).catch(ignoreMissing);
  if (stats?.isDirectory()) return;
  if (stats) await unlink(place);
  await mkdir(place, { mode: 0o755 });
}

async function createFile(file: string): Promise<void> {
  await rm(file, { force: true, recursive: false }).catch(ignoreDirectory);
  if (!(await exists(file))) await writeFile(file, '', { mode: 0o755, flag: 'wx' });
}

const exists = async (file: string): Promise<boolean> => (await lstat(file).catch(ignoreMissing)) !== undefined;

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function ignoreDirectory(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_FS_EISDIR' && error.code !== 'EISDIR') throw error;
}
