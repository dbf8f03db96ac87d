import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { until } from '../concurrency/until.ts';
import { connectTo, proxiedEngine, textOf } from '../testing/fake-engine.ts';
import { isDownload } from './download.ts';

const soon = { timeoutMs: 5_000 };
const asked = (method: string, url: string, rawHeaders: string[] = []) =>
  isDownload({ method, url, rawHeaders } as IncomingMessage);

test('archives are downloads, other requests are not', () => {
  expect(asked('GET', '/v1.51/containers/c/archive?path=/x')).toBe(true);
  expect(asked('GET', '/containers/c/export')).toBe(true);
  expect(asked('GET', '/v1.51/images/get?names=a')).toBe(true);
  expect(asked('GET', '/images/host:5000/some/name:tag/get')).toBe(true);
  expect(asked('HEAD', '/containers/c/archive?path=/x')).toBe(false);
  expect(asked('PUT', '/containers/c/archive?path=/x')).toBe(false);
  expect(asked('GET', '/containers/archive/json')).toBe(false);
  expect(asked('GET', '/containers/c/export', ['Content-Length', '3'])).toBe(false);
});

test('carries 200 MB unchanged, and what the agent says about them', async () => {
  const sent = createHash('sha256');
  const returned = createHash('sha256');
  const chunks = Array.from({ length: 200 }, (_, index) => Buffer.alloc(1024 * 1024, index));
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      response.writeHead(200, ['X-Docker-Container-Path-Stat', 'abc']);
      const body = Readable.from(chunks).on('data', (chunk: Buffer) => sent.update(chunk));
      void pipeline(body, response).catch(() => undefined);
      incoming.resume();
    },
  });
  const call = get({ socketPath: proxied.socketPath, path: '/containers/c/archive?path=%2Fx' });
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  expect(answer.headers['x-docker-container-path-stat']).toBe('abc');
  for await (const chunk of answer) returned.update(chunk as Buffer);
  expect(returned.digest('hex')).toBe(sent.digest('hex'));
});

test('a client that leaves releases the agent; an agent that breaks off breaks the client off', async () => {
  await using proxied = await proxiedEngine({
    onRequest: (_incoming, response) => {
      response.writeHead(200, { 'Content-Length': 1000 });
      response.write('some of it');
    },
  });
  const head = 'GET /containers/c/export HTTP/1.1\r\nHost: d\r\n\r\n';
  const leaver = await connectTo(proxied.socketPath);
  leaver.write(head);
  await once(leaver, 'data');
  leaver.destroy();
  await until(() => proxied.guestSide.size === 0, { ...soon, what: 'the agent to be released' });

  const stayer = await connectTo(proxied.socketPath);
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
    onRequest: (_incoming, response) => {
      response.writeHead(200);
      void pipeline(Readable.from(chunksForEver()), response).catch(() => undefined);
    },
  });
  const client = await connectTo(proxied.socketPath);
  client.write('GET /containers/c/export HTTP/1.1\r\nHost: d\r\n\r\n');
  await once(client, 'readable');
  // Its end first, as some clients do.
  client.end();
  client.destroy();
  await until(() => proxied.guestSide.size === 0, { ...soon, what: 'the agent to be released' });
});

function* chunksForEver(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(64 * 1024);
}

test('nothing else is answered on such a connection', async () => {
  let requests = 0;
  await using proxied = await proxiedEngine({
    onRequest: (_incoming, response) => {
      requests++;
      response.writeHead(200, { 'Content-Length': 1000 });
      response.write('some of it');
    },
  });
  const client = await connectTo(proxied.socketPath);
  client.on('error', () => undefined);
  client.write('GET /containers/c/export HTTP/1.1\r\nHost: d\r\n\r\n');
  await once(client, 'data');
  const text = textOf(client).catch(() => '');
  client.write('GET /containers/json HTTP/1.1\r\nHost: d\r\n\r\n');
  await Promise.race([text, once(client, 'close')]);
  expect(requests).toBe(1);
});
