import { once } from 'node:events';
import { createServer } from 'node:net';
import { pipeOf } from '../../api/home.ts';
import type { FileLock } from '../platform.ts';

/** Only one process at a time can be the first to serve a pipe, and Windows ends the pipe with the process. */
export async function lockFile(file: string): Promise<FileLock | null> {
  const holder = createServer((socket) => void socket.destroy());
  try {
    await once(holder.listen(pipeOf('lock', file)), 'listening');
  } catch (error) {
    if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
  holder.unref();
  return { [Symbol.asyncDispose]: async () => void (await once(holder.close(), 'close')) };
}
