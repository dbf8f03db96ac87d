import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { until } from '../concurrency/until.ts';
import { connectTo, proxiedEngine, textOf } from '../testing/fake-engine.ts';
import { bulkHead } from './bulk-head.ts';

const soon = { timeoutMs: 5_000 };
const passed = (line: string, ...headers: string[]) =>
  bulkHead(Buffer.from([`${line} HTTP/1.1`, 'Host: d', ...headers, '', 'body'].join('\r\n')))?.toString();

test('archives and contexts are bulk, other requests are not', () => {
  const bulk = [
    'GET /v1.51/containers/c/archive?path=/x',
    'GET /containers/c/export',
    'GET /v1.51/images/get?names=a',
    'GET /images/host:5000/some/name:tag/get',
    'PUT /containers/c/archive?path=/x',
    'POST /v1.51/images/load?quiet=1',
    'POST /build',
    'POST /images/create?tag=1&fromSrc=-&repo=x',
  ];
  for (const line of bulk) expect(passed(line), line).toBeDefined();
  const others = [
    'HEAD /containers/c/archive?path=/x',
    'GET /containers/archive/json',
    'POST /containers/c/archive',
    'POST /images/create?fromImage=a',
    'POST /build/prune',
    'GET /x?y=/containers/c/export',
  ];
  for (const line of others) expect(passed(line), line).toBeUndefined();
  expect(passed('POST /build', 'Upgrade: h2c')).toBeUndefined();
  expect(bulkHead(Buffer.from('POST /build HTTP/1.1\r\nHost: d\r\n'))).toBeNull();
});

test('an upload goes on as it is, a download as the last request of its connection', () => {
  const upload = 'POST /build HTTP/1.1\r\nHost: d\r\nConnection: keep-alive\r\n\r\nbody';
  expect(passed('POST /build', 'Connection: keep-alive')).toBe(upload);
  expect(passed('GET /images/get', 'connection: keep-alive', 'X-A: b')).toBe(
    'GET /images/get HTTP/1.1\r\nHost: d\r\nX-A: b\r\nConnection: close\r\n\r\nbody',
  );
});

/** Bulk requests are looked for on connections that had another request before; the agent's for that one stays. */
async function connectAndPing(socketPath: string): Promise<Socket> {
  const client = await connectTo(socketPath);
  client.write('GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n');
  await once(client, 'readable');
  client.read();
  return client;
}

const isPing = ({ url }: IncomingMessage, response: ServerResponse) => {
  if (url !== '/_ping') return false;
  response.end();
  return true;
};

test('carries 200 MB unchanged, and what the agent says about them', async () => {
  const sent = createHash('sha256');
  const returned = createHash('sha256');
  const chunks = Array.from({ length: 200 }, (_, index) => Buffer.alloc(1024 * 1024, index));
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      if (isPing(incoming, response)) return;
      response.writeHead(200, ['X-Docker-Container-Path-Stat', 'abc']);
      const body = Readable.from(chunks).on('data', (chunk: Buffer) => sent.update(chunk));
      void pipeline(body, response).catch(() => undefined);
      incoming.resume();
    },
  });
  using agent = await usedConnection(proxied.socketPath);
  const call = get({ agent, socketPath: proxied.socketPath, path: '/containers/c/archive?path=%2Fx' });
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  expect(answer.headers['x-docker-container-path-stat']).toBe('abc');
  for await (const chunk of answer) returned.update(chunk as Buffer);
  expect(returned.digest('hex')).toBe(sent.digest('hex'));
});

test('an upload behind another request of the same connection arrives unchanged', async () => {
  const received = createHash('sha256');
  const asked: string[] = [];
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      if (isPing(incoming, response)) return;
      asked.push(`${incoming.method} ${incoming.url} ${incoming.headers.connection}`);
      incoming.on('data', (chunk: Buffer) => received.update(chunk));
      incoming.once('end', () => response.end('done'));
    },
  });
  using agent = await usedConnection(proxied.socketPath);
  const options = { socketPath: proxied.socketPath, agent };
  const sent = createHash('sha256');
  const call = request({ ...options, method: 'PUT', path: '/v1.51/containers/c/archive?path=%2F' });
  const body = Readable.from(Array.from({ length: 100 }, (_, index) => Buffer.alloc(1024 * 1024, index)));
  body.on('data', (chunk: Buffer) => sent.update(chunk)).pipe(call);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  expect(await text(answer)).toBe('done');
  expect(received.digest('hex')).toBe(sent.digest('hex'));
  expect(call.reusedSocket).toBe(true);
  expect(asked).toEqual(['PUT /v1.51/containers/c/archive?path=%2F keep-alive']);
});

/** On which a ping was answered. */
async function usedConnection(socketPath: string): Promise<OneConnection> {
  const agent = new OneConnection();
  const [pong] = (await once(get({ socketPath, agent, path: '/_ping' }), 'response')) as [IncomingMessage];
  await text(pong);
  return agent;
}

class OneConnection extends Agent implements Disposable {
  constructor() {
    super({ keepAlive: true, maxSockets: 1 });
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

test('a head that comes in pieces takes the ordinary way', async () => {
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      if (isPing(incoming, response)) return;
      incoming.resume();
      incoming.once('end', () => response.end(`${incoming.method} ${incoming.url}`));
    },
  });
  const client = await connectAndPing(proxied.socketPath);
  client.write('POST /images/load HTTP/1.1\r\nHo');
  await new Promise(setImmediate);
  client.write('st: d\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc');
  expect(await textOf(client)).toContain('POST /images/load');
});

test('a client that leaves releases the agent; an agent that breaks off breaks the client off', async () => {
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      if (isPing(incoming, response)) return;
      response.writeHead(200, { 'Content-Length': 1000 });
      response.write('some of it');
    },
  });
  const head = 'GET /containers/c/export HTTP/1.1\r\nHost: d\r\n\r\n';
  const leaver = await connectAndPing(proxied.socketPath);
  leaver.write(head);
  await once(leaver, 'data');
  leaver.destroy();
  await until(() => proxied.guestSide.size === 1, { ...soon, what: 'the agent to be released' });

  const stayer = await connectAndPing(proxied.socketPath);
  const ended = once(stayer, 'end');
  stayer.on('error', () => undefined);
  stayer.write(head);
  await once(stayer, 'data');
  for (const socket of proxied.guestSide) socket.destroy();
  stayer.resume();
  await ended;
  stayer.destroy();
  await until(() => proxied.guestSide.size === 0, { ...soon, what: 'the agent to be released' });
});

test('a client that closes while much is still to come releases the agent, too', async () => {
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      if (isPing(incoming, response)) return;
      response.writeHead(200);
      void pipeline(Readable.from(chunksForEver()), response).catch(() => undefined);
    },
  });
  const client = await connectAndPing(proxied.socketPath);
  client.write('GET /containers/c/export HTTP/1.1\r\nHost: d\r\n\r\n');
  await once(client, 'readable');
  // Its end first, as some clients do.
  client.end();
  client.destroy();
  await until(() => proxied.guestSide.size === 1, { ...soon, what: 'the agent to be released' });
});

function* chunksForEver(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(64 * 1024);
}

test('an answer that comes before the body has been read reaches the client', async () => {
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      if (!isPing(incoming, response)) response.writeHead(404).end('no such container');
    },
  });
  using agent = await usedConnection(proxied.socketPath);
  const path = '/containers/c/archive?path=%2F';
  const call = request({ agent, socketPath: proxied.socketPath, method: 'PUT', path });
  // The connection ends with the test, maybe before the whole body has gone.
  call.on('error', () => undefined);
  Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(1024 * 1024))).pipe(call);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(404);
  expect(await text(answer)).toBe('no such container');
});

test('the first request of a connection takes the ordinary way: Node would end the connection after a minute', async () => {
  const seen: unknown[] = [];
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      seen.push(incoming.headers.connection);
      response.end();
    },
  });
  const client = await connectTo(proxied.socketPath);
  for (const answers of [1, 2]) {
    client.write('GET /containers/c/export HTTP/1.1\r\nHost: d\r\n\r\n');
    await once(client, 'readable');
    client.read();
    expect(seen).toHaveLength(answers);
  }
  expect(seen).toEqual(['keep-alive', 'close']);
  client.destroy();
});

test('an agent that cannot be dialled is said so', async () => {
  await using proxied = await proxiedEngine({ onRequest: isPing });
  const client = await connectAndPing(proxied.socketPath);
  proxied.engine.close();
  client.write('PUT /containers/c/archive?path=%2F HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\n\r\nabc');
  expect(await textOf(client)).toContain('the guest agent cannot be reached');
  client.destroy();
});
