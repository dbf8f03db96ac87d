import { once } from 'node:events';
import { createServer as createHttpServer, request, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatRequest, newNonce, parseAnswer, parseHello, type LinkTarget } from '../api/link/handshake.ts';
import { readLine } from '../api/link/read-line.ts';
import { startLink } from './link.ts';

const secret = 'ab'.repeat(32);
const signal = AbortSignal.timeout(20_000);
const line = (stream: Duplex) => readLine(stream, { maxBytes: 1024, signal });

let cleanup: AsyncDisposableStack;
let port: number;
const engineStreams: Duplex[] = [];

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  engineStreams.length = 0;
  const engine = createHttpServer((_request, response) => response.end('pong'));
  port = await freePort();
  const config = { kind: 'tcp', host: '127.0.0.1', port, secret };
  const handlers = {
    engine: (stream: Duplex) => {
      engineStreams.push(stream);
      engine.emit('connection', stream);
    },
    guest: (stream: Duplex) => void stream.end('guest'),
  };
  cleanup.use(await startLink(config, handlers));
});
afterEach(() => cleanup.disposeAsync());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return free;
}

async function reach(): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  cleanup.defer(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function dial(target: LinkTarget, withSecret = secret) {
  const socket = await reach();
  const nonces = { guest: parseHello(await line(socket)) ?? '', host: newNonce() };
  socket.write(formatRequest(withSecret, nonces, target));
  return { socket, status: parseAnswer(secret, nonces, await line(socket)) };
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'end');
  return text;
}

test('the engine gets its streams as connections', async () => {
  const { socket, status } = await dial({ kind: 'engine' });
  expect(status).toBe('ok');
  const ask = request({ path: '/_ping', headers: { Host: 'x' }, createConnection: () => socket });
  const [answer] = (await once(ask.end(), 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  answer.resume();
  await once(answer, 'end');
});

test('the guest API gets its streams', async () => {
  const { socket, status } = await dial({ kind: 'guest' });
  expect(status).toBe('ok');
  expect(await textOf(socket)).toBe('guest');
});

test('TCP targets are joined with half-close, and may speak first', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.write('hello ');
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  cleanup.defer(() => void server.close());
  await once(server, 'listening');
  const { socket, status } = await dial({
    kind: 'tcp',
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
  });
  expect(status).toBe('ok');
  socket.end('there');
  expect(await textOf(socket)).toBe('hello there');
});

test('a target that refuses is told before any byte', async () => {
  const { status } = await dial({ kind: 'tcp', host: '127.0.0.1', port: 1 });
  expect(status).toBe('ECONNREFUSED');
});

test('whoever does not know the secret gets nothing', async () => {
  const socket = await reach();
  const guest = parseHello(await line(socket)) ?? '';
  socket.write(formatRequest('cd'.repeat(32), { guest, host: newNonce() }, { kind: 'engine' }));
  expect(await textOf(socket)).toBe('');
  expect(engineStreams).toHaveLength(0);
});

test('ten megabytes without a line feed are dropped, and the next dial works', async () => {
  const socket = await reach();
  socket.write(Buffer.alloc(10 << 20, 'x'));
  // Not events.once: a reset is an answer here, too.
  await new Promise((resolve) => socket.resume().once('close', resolve));
  expect((await dial({ kind: 'guest' })).status).toBe('ok');
});

test('a configuration that makes no sense is refused', async () => {
  await expect(startLink({ kind: 'tcp' }, { engine: () => {}, guest: () => {} })).rejects.toThrow('link: must be');
  const weak = { kind: 'tcp', host: '127.0.0.1', port: 1, secret: 'short' };
  await expect(startLink(weak, { engine: () => {}, guest: () => {} })).rejects.toThrow('link: secret must be');
});
