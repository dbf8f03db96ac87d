import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { isPipe } from '../config/engine-address.ts';

/**
 * Listens on a unix socket that only its owner may use. A file that is in the way is removed: the caller holds the
 * lock of the folder, so nobody serves it. A pipe of Windows is no file; Windows gives others no right to write to it.
 */
export async function listenOnSocket(server: Server, socketPath: string): Promise<void> {
  if (!isPipe(socketPath)) await rm(socketPath, { force: true });
  server.listen({ path: socketPath, backlog: 4096 });
  await once(server, 'listening');
  if (!isPipe(socketPath)) await chmod(socketPath, 0o600);
}

/** Has the server serve another address, too, unless somebody has that already: then null. */
export async function listenIfFree(server: Server, address: string): Promise<AsyncDisposable | null> {
  const door = createServer((socket) => void server.emit('connection', socket));
  try {
    await once(door.listen(address), 'listening');
  } catch (error) {
    if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
  return { [Symbol.asyncDispose]: async () => void (await once(door.close(), 'close')) };
}

/** Stops listening and cuts every connection; resolves when the socket's file is gone too. */
export async function closeServer(server: Server, connections: Iterable<{ destroy(): void }>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  for (const connection of connections) connection.destroy();
  await closed;
}
