import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { FileLock } from '../platform.ts';

/** open(2) on macOS takes the lock itself; the flag is not among Node's constants. */
const darwinExclusiveLock = 0x20;

export async function lockFile(file: string): Promise<FileLock | null> {
  const handle = process.platform === 'darwin' ? await openLocked(file) : await openAndLock(file);
  return handle && { [Symbol.asyncDispose]: () => handle.close() };
}

async function openLocked(file: string): Promise<FileHandle | null> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | darwinExclusiveLock;
  try {
    return await open(file, flags, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null;
    throw error;
  }
}

/** A lock belongs to the open file, which a child shares: flock(1) takes it through our descriptor and leaves. */
async function openAndLock(file: string): Promise<FileHandle | null> {
  const handle = await open(file, 'a', 0o600);
  try {
    const child = spawn('flock', ['--nonblock', '--exclusive', '3'], {
      stdio: ['ignore', 'ignore', 'ignore', handle.fd],
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code === 0) return handle;
    await handle.close();
    return null;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
