import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer as createHttpServer, request, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { frameParts, frameType } from './frame.ts';
import { LinkMux, type LinkAcceptor } from './mux.ts';
import { LinkStream, windowBytes } from './stream.ts';
import type { LinkTarget } from './target.ts';

const target: LinkTarget = { kind: 'engine' };
const soon = () => AbortSignal.timeout(10_000);
const undo: (() => void)[] = [];

afterEach(() => {
  for (const step of undo.splice(0).toReversed()) step();
});

/** Two ends of a pipe, as sockets. */
async function pipe(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  undo.push(
    () => near.destroy(),
    () => far.destroy(),
  );
  return [near, far];
}

function newHost(carrier: Duplex) {
  const up = Promise.withResolvers<void>();
  const mux = new LinkMux({ onUp: () => up.resolve() });
  mux.attach(carrier);
  undo.push(() => mux[Symbol.dispose]());
  return { mux, up: up.promise };
}

function newGuest(carrier: Duplex, serve: (stream: Duplex) => void): LinkMux {
  const accept: LinkAcceptor = async (asked) =>
    asked.kind === 'tcp' ? { status: 'ECONNREFUSED' } : { status: 'ok', serve };
  const mux = new LinkMux({ accept });
  mux.attach(carrier);
  undo.push(() => mux[Symbol.dispose]());
  return mux;
}

async function linked(serve: (stream: Duplex) => void): Promise<LinkMux> {
  const [near, far] = await pipe();
  newGuest(far, serve);
  const host = newHost(near);
  await host.up;
  return host.mux;
}

async function open(mux: LinkMux): Promise<LinkStream> {
  const stream = await mux.open(target, soon());
  if (!(stream instanceof LinkStream)) throw new Error(`not opened: ${stream}`);
  return stream;
}

const echo = (stream: Duplex) => void stream.pipe(stream);

async function digestOf(stream: Duplex): Promise<string> {
  const hash = createHash('sha256');
  stream.on('data', (chunk: Buffer) => hash.update(chunk));
  await once(stream, 'end');
  return hash.digest('hex');
}

test('carries bytes both ways, with half-close', async () => {
  const mux = await linked(echo);
  const payload = randomBytes(3_000_000);
  const stream = await open(mux);
  stream.end(payload);
  expect(await digestOf(stream)).toBe(createHash('sha256').update(payload).digest('hex'));
});

test('a refusal comes as its status', async () => {
  const mux = await linked(echo);
  expect(await mux.open({ kind: 'tcp', host: 'x', port: 1 }, soon())).toBe('ECONNREFUSED');
});

test('many streams at once all complete', async () => {
  const mux = await linked(echo);
  const payload = randomBytes(256 * 1024);
  const carry = async () => {
    const stream = await open(mux);
    stream.end(payload);
    return digestOf(stream);
  };
  const digests = await Promise.all(Array.from({ length: 100 }, carry));
  expect(new Set(digests)).toEqual(new Set([createHash('sha256').update(payload).digest('hex')]));
});

test('a stream that nobody reads holds its sender back within the window, and no other stream', async () => {
  const served: Duplex[] = [];
  const mux = await linked((stream) => (served.length === 0 ? void served.push(stream) : echo(stream)));
  const slow = await open(mux);
  let written = 0;
  while (slow.write(Buffer.alloc(32_768)) || slow.writableLength <= 32_768) {
    written += 32_768;
    if (written > 4 * windowBytes) break;
    await new Promise(setImmediate);
  }
  expect(written).toBeLessThanOrEqual(2 * windowBytes);
  const other = await open(mux);
  other.end('hello');
  expect(await digestOf(other)).toBe(createHash('sha256').update('hello').digest('hex'));
});

test('what one side destroys the other sees as reset', async () => {
  const served = Promise.withResolvers<Duplex>();
  const mux = await linked((stream) => served.resolve(stream));
  const stream = await open(mux);
  const far = await served.promise;
  far.destroy();
  const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
});

test('a far end that answers and closes loses nothing of its answer', async () => {
  const answer = 'x'.repeat(200_000);
  const mux = await linked((stream) => void stream.end(answer, () => stream.destroy()));
  const stream = await open(mux);
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  expect(text.length).toBe(answer.length);
});

test('a write of nothing is done at once', async () => {
  const mux = await linked((stream) => void stream.write('', () => stream.end('done')));
  const stream = await open(mux);
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  expect(text).toBe('done');
});

test('HTTP works over it, with connections kept alive', async () => {
  const server = createHttpServer((asked, answer) => void asked.pipe(answer));
  const mux = await linked((stream) => void server.emit('connection', stream));
  const agent = new Agent({ keepAlive: true });
  let opened = 0;
  agent.createConnection = (_options, done) => {
    opened += 1;
    void open(mux).then(
      (stream) => done?.(null, stream),
      (error: Error) => done?.(error, undefined as never),
    );
    return undefined;
  };
  for (const body of ['one', 'two']) {
    const ask = request({ method: 'POST', path: '/', agent, headers: { Host: 'x' } });
    const [answer] = (await once(ask.end(body), 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    expect(text).toBe(body);
  }
  expect(opened).toBe(1);
  agent.destroy();
});

/** A pipe that stays while its ends change, as a hypervisor's port does. */
async function lastingPipe() {
  const [hostSide, guestSide] = await Promise.all([pipe(), pipe()]);
  const stays = { toGuest: hostSide[1], toHost: guestSide[0] };
  let [toGuest, toHost]: [Duplex, Duplex] = [stays.toHost, stays.toGuest];
  hostSide[1].on('data', (chunk: Buffer) => void toGuest.write(chunk));
  guestSide[0].on('data', (chunk: Buffer) => void toHost.write(chunk));
  const newEnd = async (isHost: boolean): Promise<Socket> => {
    const [own, relay] = await pipe();
    if (isHost) {
      toHost = relay;
      relay.on('data', (chunk: Buffer) => void toGuest.write(chunk));
    } else {
      toGuest = relay;
      relay.on('data', (chunk: Buffer) => void toHost.write(chunk));
    }
    return own;
  };
  return { host: hostSide[0], guest: guestSide[1], newEnd };
}

const halfFrame = Buffer.concat(
  frameParts({ type: frameType.data, stream: 1, payload: Buffer.alloc(30_000, 7) }),
).subarray(0, 12_345);

test('a new host is found by a guest in the middle of a frame of the old one', async () => {
  const lasting = await lastingPipe();
  const resets: unknown[] = [];
  newGuest(lasting.guest, (stream) => void echo(stream.on('error', (error) => resets.push(error))));
  const first = newHost(lasting.host);
  await first.up;
  await open(first.mux);
  lasting.host.write(halfFrame);
  const second = newHost(await lasting.newEnd(true));
  await second.up;
  const stream = await open(second.mux);
  stream.end('again');
  expect(await digestOf(stream)).toBe(createHash('sha256').update('again').digest('hex'));
  expect(resets).toHaveLength(1);
});

test('a new guest is found by a host in the middle of a frame, whose streams are reset', async () => {
  const lasting = await lastingPipe();
  newGuest(lasting.guest, echo);
  const host = newHost(lasting.host);
  await host.up;
  const old = await open(host.mux);
  // Not events.once: it takes the error for its own failure.
  const reset = new Promise((resolve) => old.once('close', resolve));
  lasting.guest.write(halfFrame);
  const guestEnd = await lasting.newEnd(false);
  newGuest(guestEnd, echo);
  await reset;
  expect(old.errored).toMatchObject({ code: 'ECONNRESET' });
  while (!host.mux.isUp) await new Promise(setImmediate);
  const stream = await open(host.mux);
  stream.end('again');
  expect(await digestOf(stream)).toBe(createHash('sha256').update('again').digest('hex'));
});

test('ten megabytes of noise do no harm', async () => {
  const [near, far] = await pipe();
  newGuest(far, echo);
  near.write(randomBytes(10 << 20));
  const host = newHost(near);
  await host.up;
  const stream = await open(host.mux);
  stream.end('fine');
  expect(await digestOf(stream)).toBe(createHash('sha256').update('fine').digest('hex'));
});

test('without a far end nothing opens', async () => {
  const [near] = await pipe();
  expect(await newHost(near).mux.open(target, soon())).toBe('ECLOSED');
});
