import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { GuestEcho } from './driver-suite.ts';

/** An echo server on this host, for drivers whose guest is this host. */
export async function hostEcho(): Promise<GuestEcho> {
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.close();
    for (const client of clients) client.destroy();
    await once(server, 'close');
  };
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}
