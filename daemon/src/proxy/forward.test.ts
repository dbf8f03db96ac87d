import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { until } from '../concurrency/until.ts';
import { connectTo, proxiedEngine, textOf } from '../testing/fake-engine.ts';

const soon = { timeoutMs: 5_000 };

function* megabytes(count: number): Generator<Buffer> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(1024 * 1024, index);
}

async function exchange(socketPath: string, raw: string): Promise<string> {
  const client = await connectTo(socketPath);
  client.write(raw);
  return textOf(client);
}

test('carries 200 MB both ways unchanged', async () => {
  const received = createHash('sha256');
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      incoming.on('data', (chunk: Buffer) => received.update(chunk));
      void pipeline(incoming, response).catch(() => undefined);
    },
  });
  const sent = createHash('sha256');
  const returned = createHash('sha256');
  const call = request({ socketPath: proxied.socketPath, method: 'POST', path: '/some/other/load' });
  const body = Readable.from(megabytes(200)).on('data', (chunk: Buffer) => sent.update(chunk));
  body.pipe(call);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  for await (const chunk of answer) returned.update(chunk as Buffer);
  const digest = sent.digest('hex');
  expect(received.digest('hex')).toBe(digest);
  expect(returned.digest('hex')).toBe(digest);
});

test('keeps the case, order and repeats of headers, the status text and trailers', async () => {
  const seen: IncomingMessage[] = [];
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      seen.push(incoming);
      incoming.resume();
      incoming.on('end', () => {
        response.writeHead(299, 'Odd But Fine', ['X-Twice', '1', 'x-twice', '2', 'Trailer', 'X-Sum']);
        response.write('body');
        response.addTrailers([['X-Sum', 'abc']]);
        response.end();
      });
    },
  });
  const answer = await exchange(
    proxied.socketPath,
    'POST /v1.51/x?a=%2F&b HTTP/1.1\r\nHost: docker\r\nX-Same: 1\r\nX-SAME: 2\r\nTransfer-Encoding: chunked\r\n' +
      'Trailer: X-End\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\nX-End: yes\r\n\r\n',
  );
  expect(seen[0]?.url).toBe('/v1.51/x?a=%2F&b');
  expect(seen[0]?.rawHeaders.join('|')).toContain('Host|docker|X-Same|1|X-SAME|2|Trailer|X-End|Transfer-Encoding');
  expect(seen[0]?.rawTrailers).toEqual(['X-End', 'yes']);
  expect(answer).toMatch(/^HTTP\/1\.1 299 Odd But Fine\r\nX-Twice: 1\r\nx-twice: 2\r\n/);
  expect(answer).toMatch(/4\r\nbody\r\n0\r\nX-Sum: abc\r\n\r\n$/);
});

test('a POST without a body says so, and an error body of the engine passes untouched', async () => {
  const lengths: (string | undefined)[] = [];
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      lengths.push(incoming.headers['content-length']);
      response.writeHead(409, { 'Content-Type': 'application/json' }).end('{"message":"odd  spacing"}\n');
    },
  });
  const answer = await exchange(proxied.socketPath, 'POST /start HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n');
  expect(lengths).toEqual(['0']);
  expect(answer).toContain('409 Conflict');
  expect(answer).toContain('{"message":"odd  spacing"}\n');
});

test('a head without a body arrives at once', async () => {
  await using proxied = await proxiedEngine({ onRequest: (_incoming, response) => response.flushHeaders() });
  const call = request({ socketPath: proxied.socketPath, path: '/events' }).end();
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  call.on('error', () => undefined).destroy();
  answer.on('error', () => undefined);
});

test('a client that leaves releases the guest side', async () => {
  await using proxied = await proxiedEngine({ onRequest: (_incoming, response) => response.write('begun') });
  const client = await connectTo(proxied.socketPath);
  client.write('GET /events HTTP/1.1\r\nHost: d\r\n\r\n');
  await once(client, 'data');
  expect(proxied.guestSide.size).toBe(1);
  client.destroy();
  await until(() => proxied.guestSide.size === 0, { ...soon, what: 'release of the guest side' });
});

test('an engine that breaks off in the middle breaks the client off, and does not look like an end', async () => {
  await using proxied = await proxiedEngine({
    onRequest: (_incoming, response) => {
      response.write('begun');
      setImmediate(() => response.destroy());
    },
  });
  const call = request({ socketPath: proxied.socketPath, path: '/logs' }).end();
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  await expect(text(answer)).rejects.toThrow('aborted');
});

test('a body that stops half way releases the guest side', async () => {
  await using proxied = await proxiedEngine({ onRequest: (incoming) => incoming.resume() });
  const client = await connectTo(proxied.socketPath);
  client.write('POST /build HTTP/1.1\r\nHost: d\r\nContent-Length: 1000\r\n\r\nhalf');
  await until(() => proxied.guestSide.size === 1, { ...soon, what: 'the request' });
  client.destroy();
  await until(() => proxied.guestSide.size === 0, { ...soon, what: 'release of the guest side' });
});

test('10 MB that are no HTTP get a 400', async () => {
  await using proxied = await proxiedEngine({});
  const client = await connectTo(proxied.socketPath);
  client.on('error', () => undefined);
  client.write(Buffer.alloc(10 * 1024 * 1024, 'x'));
  const answer: Buffer[] = [];
  client.on('data', (chunk: Buffer) => answer.push(chunk));
  await new Promise((resolve) => client.once('close', resolve));
  expect(Buffer.concat(answer).toString()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(proxied.guestSide.size).toBe(0);
});

test('a pooled stream that died while idle is replaced for a GET', async () => {
  let served = 0;
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      served += 1;
      if (served === 2) return void incoming.socket.destroy();
      response.end(`answer ${served}`);
    },
  });
  const get = 'GET /x HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n';
  expect(await exchange(proxied.socketPath, get)).toContain('answer 1');
  expect(await exchange(proxied.socketPath, get)).toContain('answer 3');
  expect(proxied.guestSide.size).toBe(1);
});

test('an old client that sends input behind a hijacked request still gets all output, unframed', async () => {
  const goOn = Promise.withResolvers<void>();
  await using proxied = await proxiedEngine({
    onRequest: (incoming, response) => {
      incoming.resume();
      response.shouldKeepAlive = false;
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { 'Content-Type': 'application/vnd.docker.raw-stream' });
      response.write('first ');
      goOn.promise.then(
        () => response.end('last'),
        () => undefined,
      );
    },
  });
  const client = await connectTo(proxied.socketPath);
  client.write('POST /containers/c/attach HTTP/1.1\r\nHost: d\r\n\r\n');
  const answer = textOf(client);
  await once(client, 'data');
  client.write('input that is no HTTP\n', () => goOn.resolve());
  expect(await answer).toMatch(/\r\n\r\nfirst last$/);
});
