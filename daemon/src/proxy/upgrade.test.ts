import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { until } from '../concurrency/until.ts';
import { connectTo, proxiedEngine, textOf } from '../testing/fake-engine.ts';

const soon = { timeoutMs: 5_000 };
const attach = 'POST /containers/c/attach?stream=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n';
const accepted =
  'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';

async function readUntil(stream: Duplex, end: string): Promise<string> {
  let seen = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    seen += String(chunk);
    if (seen.includes(end)) return seen;
  }
  throw new Error(`the stream ended: ${seen}`);
}

test('sends the body on, joins both sides and keeps each direction open on its own', async () => {
  const bodies: string[] = [];
  await using proxied = await proxiedEngine({
    onUpgrade: (request, stream) => {
      void text(request).then((body) => {
        bodies.push(body);
        stream.write(`${accepted}right behind `);
        void textOf(stream).then((input) => stream.end(`got ${input}`));
      });
    },
  });
  const client = await connectTo(proxied.socketPath);
  client.end(`${attach}Content-Length: 16\r\n\r\n{"Detach":false}early input, then the end`);
  const answer = await textOf(client);
  expect(bodies).toEqual(['{"Detach":false}']);
  expect(answer).toBe(`${accepted}right behind got early input, then the end`);
});

test('a chunked body reaches the engine whole', async () => {
  await using proxied = await proxiedEngine({
    onUpgrade: (request, stream) => void text(request).then((body) => stream.end(`${accepted}${body}`)),
  });
  const client = await connectTo(proxied.socketPath);
  client.write(`${attach}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`);
  expect(await textOf(client)).toBe(`${accepted}{}`);
});

test('the guest may end first', async () => {
  const inputs: string[] = [];
  await using proxied = await proxiedEngine({
    onUpgrade: (request, stream) => {
      request.resume();
      stream.end(`${accepted}bye`);
      void textOf(stream).then((input) => inputs.push(input));
    },
  });
  const client = await connectTo(proxied.socketPath);
  client.write(`${attach}\r\n`);
  expect(await textOf(client)).toBe(`${accepted}bye`);
  client.end('still written');
  await until(() => inputs.length > 0, { ...soon, what: 'input after the end of the output' });
  expect(inputs).toEqual(['still written']);
});

test('an answer other than 101 is relayed and ends the connection', async () => {
  await using proxied = await proxiedEngine({
    onUpgrade: (request, stream) => {
      request.resume();
      const body = '{"message":"No such container: c"}\n';
      stream.write(
        `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    },
  });
  const client = await connectTo(proxied.socketPath);
  client.write(`${attach}\r\n`);
  const answer = await textOf(client);
  expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\nContent-Type: application\/json\r\n/);
  expect(answer).toContain('\r\nConnection: close\r\n');
  expect(answer).toContain('{"message":"No such container: c"}');
});

test('carries 100 MB each way through a joined connection', async () => {
  await using proxied = await proxiedEngine({
    onUpgrade: (request, stream) => {
      request.resume();
      stream.write(accepted);
      stream.pipe(stream);
    },
  });
  const client = await connectTo(proxied.socketPath);
  client.write(`${attach}\r\n`);
  expect(await readUntil(client, '\r\n\r\n')).toBe(accepted);
  const [sent, returned] = [createHash('sha256'), createHash('sha256')];
  const receiving = (async () => {
    for await (const chunk of client) returned.update(chunk as Buffer);
  })();
  for (let index = 0; index < 100; index++) {
    const chunk = Buffer.alloc(1024 * 1024, index);
    sent.update(chunk);
    if (!client.write(chunk)) await once(client, 'drain');
  }
  client.end();
  await receiving;
  expect(returned.digest('hex')).toBe(sent.digest('hex'));
});

test('100 clients that disconnect in mid-stream leave nothing behind', async () => {
  await using proxied = await proxiedEngine({
    onUpgrade: (request, stream) => {
      request.resume();
      stream.on('error', () => undefined);
      stream.write(accepted);
      const flood = setInterval(() => stream.write(Buffer.alloc(4096)), 1);
      stream.once('close', () => clearInterval(flood));
    },
    onRequest: (_request, response) => void response.write('begun'),
  });
  const before = readdirSync('/proc/self/fd').length;
  const clients = await Promise.all(Array.from({ length: 100 }, () => connectTo(proxied.socketPath)));
  clients.forEach((client, index) =>
    client.write(index % 2 ? `${attach}\r\n` : 'GET /events HTTP/1.1\r\nHost: d\r\n\r\n'),
  );
  await Promise.all(clients.map((client) => once(client, 'data')));
  for (const client of clients) client.destroy();
  await until(() => proxied.guestSide.size === 0, { ...soon, what: 'release of all guest sides' });
  await until(() => readdirSync('/proc/self/fd').length <= before, { ...soon, what: 'release of all descriptors' });
});

test('an upgrade that the Connection header does not name is one, too', async () => {
  await using proxied = await proxiedEngine({
    onUpgrade: (request, stream) => {
      request.resume();
      stream.write(accepted);
      void textOf(stream).then((input) => stream.end(`got ${input}`));
    },
  });
  const client = await connectTo(proxied.socketPath);
  client.write(attach.replace('Connection: Upgrade\r\n', '') + 'Content-Length: 0\r\n\r\n');
  expect(await readUntil(client, '\r\n\r\n')).toBe(accepted);
  client.end('PRI * HTTP/2.0');
  expect(await textOf(client)).toBe('got PRI * HTTP/2.0');
});
