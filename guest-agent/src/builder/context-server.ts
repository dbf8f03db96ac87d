import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A build's context on its way to BuildKit. */
export interface ServedContext extends AsyncDisposable {
  /** Where BuildKit fetches it, once; a secret for as long as it has not. */
  url: string;
}

/**
 * Serves a tar archive on the loopback address to whoever knows its name. BuildKit takes it as it arrives: nothing of
 * it is kept here.
 */
export async function serveContext(archive: Readable): Promise<ServedContext> {
  const name = `/${randomBytes(32).toString('hex')}`;
  let isTaken = false;
  const server = createServer((request, response) => {
    if (request.url !== name) return void response.writeHead(404).end();
    if (isTaken) return void response.writeHead(410).end();
    isTaken = true;
    void send(archive, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${name}`,
    [Symbol.asyncDispose]: async () => {
      archive.destroy();
      server.closeAllConnections();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** An archive that breaks off breaks the answer off, too, so that no half of it is taken for the whole. */
async function send(archive: Readable, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-tar' });
  await pipeline(archive, response).catch(() => undefined);
}
