import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import type { Server } from 'node:net';

/**
 * Listens on a unix socket that only its owner may use. A file that is in the way is removed: the caller holds the
 * lock of the folder, so nobody serves it.
 */
export async function listenOnSocket(server: Server, socketPath: string): Promise<void> {
  await rm(socketPath, { force: true });
  server.listen({ path: socketPath, backlog: 4096 });
  await once(server, 'listening');
  await chmod(socketPath, 0o600);
}

/** Stops listening and cuts every connection; resolves when the socket's file is gone too. */
export async function closeServer(server: Server, connections: Iterable<{ destroy(): void }>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  for (const connection of connections) connection.destroy();
  await closed;
}
