import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

export interface TestProxy extends AsyncDisposable {
  url: string;
  /** What was asked of it: `CONNECT host:port`, `GET http://…`, with the user in front. */
  requests: string[];
  /** Where the hosts that it knows really are; it answers 502 for others. */
  routes: Map<string, string>;
}

/** An HTTP proxy that makes loopback servers look like ones elsewhere. */
export async function startProxy(): Promise<TestProxy> {
  const proxy = { requests: [] as string[], routes: new Map<string, string>() };
  const note = (message: IncomingMessage) => {
    const [, login = ''] = (message.headers['proxy-authorization'] ?? '').split(' ');
    const user = Buffer.from(login, 'base64').toString().split(':')[0];
    proxy.requests.push(`${user ? `${user}: ` : ''}${message.method} ${message.url}`);
  };
  const server = createServer((message, response) => {
    note(message);
    forward(message, response, proxy.routes);
  });
  server.on('connect', (message: IncomingMessage, socket: Socket) => {
    note(message);
    const target = proxy.routes.get(message.url ?? '');
    if (target === undefined) return void socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const [host, port] = target.split(':');
    const upstream = connect({ host, port: Number(port) }, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    pipeline(socket, upstream, socket, () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...proxy,
    url: `http://bob:secret@127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(message: IncomingMessage, response: ServerResponse, routes: ReadonlyMap<string, string>): void {
  const url = new URL(message.url ?? '');
  const target = routes.get(url.host);
  if (target === undefined) return void response.writeHead(502).end();
  const [host, port] = target.split(':');
  const headers = { ...message.headers, host: url.host };
  const upstream = request({ host, port, method: message.method, path: url.pathname + url.search, headers });
  upstream.once('response', (answer: IncomingMessage) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    pipeline(answer, response, () => {});
  });
  upstream.once('error', () => response.destroy());
  pipeline(message, upstream, () => {});
}
