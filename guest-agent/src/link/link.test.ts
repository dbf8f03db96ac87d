import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readDatagrams, writeDatagram } from '../api/link/datagrams.ts';
import { LinkMux } from '../api/link/mux.ts';
import { LinkStream } from '../api/link/stream.ts';
import type { LinkTarget } from '../api/link/target.ts';
import { startLink } from './link.ts';

let cleanup: AsyncDisposableStack;
let socket: string;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  const dir = await mkdtemp(path.join(tmpdir(), 'berth-'));
  cleanup.defer(() => rm(dir, { recursive: true }));
  socket = path.join(dir, 'link.sock');
  const handlers = {
    engine: (stream: Duplex) => void stream.end('engine'),
    guest: (stream: Duplex) => void stream.end('guest'),
  };
  cleanup.use(await startLink({ kind: 'relay', socket }, handlers));
});
afterEach(() => cleanup.disposeAsync());

/** What the relay and the host are to the agent. */
async function host(): Promise<LinkMux> {
  const up = Promise.withResolvers<void>();
  const mux = new LinkMux({ onUp: () => up.resolve() });
  mux.attach(connect(socket));
  cleanup.defer(() => mux[Symbol.dispose]());
  await up.promise;
  return mux;
}

const open = (mux: LinkMux, target: LinkTarget) => mux.open(target, AbortSignal.timeout(10_000));

async function textOf(stream: LinkStream | string): Promise<string> {
  if (typeof stream === 'string') throw new Error(stream);
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(stream, 'end');
  return text;
}

test('engine and guest API get their streams', async () => {
  const mux = await host();
  expect(await textOf(await open(mux, { kind: 'engine' }))).toBe('engine');
  expect(await textOf(await open(mux, { kind: 'guest' }))).toBe('guest');
});

test('TCP targets are joined with half-close, and may speak first', async () => {
  const server = createServer({ allowHalfOpen: true }, (accepted) => {
    accepted.write('hello ');
    accepted.pipe(accepted);
  }).listen(0, '127.0.0.1');
  cleanup.defer(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stream = await open(await host(), { kind: 'tcp', host: '127.0.0.1', port });
  if (stream instanceof LinkStream) stream.end('there');
  expect(await textOf(stream)).toBe('hello there');
});

test('UDP targets get datagrams as they were, and their answers come back', async () => {
  const server = createSocket('udp4').bind(0, '127.0.0.1');
  cleanup.defer(() => void server.close());
  await once(server, 'listening');
  server.on('message', (datagram, from) => server.send(`re:${String(datagram)}`, from.port, from.address));
  const { port } = server.address();
  const stream = await open(await host(), { kind: 'udp', host: '127.0.0.1', port });
  if (typeof stream === 'string') throw new Error(stream);
  const answers: string[] = [];
  readDatagrams(stream, (datagram) => answers.push(String(datagram)));
  for (const text of ['one', '', 'x'.repeat(9000)]) writeDatagram(stream, Buffer.from(text));
  await expect.poll(() => answers.length).toBe(3);
  expect(answers).toEqual(['re:one', 're:', `re:${'x'.repeat(9000)}`]);
  stream.destroy();
});

test('a target that refuses is told before any byte', async () => {
  const mux = await host();
  expect(await open(mux, { kind: 'tcp', host: '127.0.0.1', port: 1 })).toBe('ECONNREFUSED');
  expect(await open(mux, { kind: 'tcp', host: '127.0.0.1', port: 70_000 })).toBe('ECONNREFUSED');
});

test('a relay that connects anew replaces the one before', async () => {
  await host();
  expect(await textOf(await open(await host(), { kind: 'engine' }))).toBe('engine');
});

test('nobody but root may use the socket', async () => {
  expect((await stat(socket)).mode & 0o777).toBe(0o600);
});

test('a configuration that makes no sense is refused', async () => {
  await expect(startLink({ kind: 'tcp' }, { engine: () => {}, guest: () => {} })).rejects.toThrow('link: must be');
});
