import type { Socket } from 'node:net';

/** Takes a connection from Node's HTTP server, which would go on to read requests from it. */
export function takeSocket(socket: Socket): void {
  for (const event of ['data', 'end', 'drain', 'timeout', 'error']) socket.removeAllListeners(event);
}
