import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { on, once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PortRequest } from '@berth/guest-agent/api';
import { connectStream } from '../vm/connect.ts';
import { hostEcho } from '../vm/testing/host-echo.ts';
import type { GuestEcho } from '../vm/testing/driver-suite.ts';
import { textOf } from '../testing/fake-engine.ts';
import { datagramStream } from '../vm/datagram-stream.ts';
import { PortPublisher, type PortPublisherOptions } from './port-publisher.ts';

let echo: GuestEcho;
let publisher: PortPublisher;

beforeEach(async () => {
  echo = await hostEcho();
  publisher = newPublisher();
});
afterEach(async () => {
  await publisher[Symbol.asyncDispose]();
  await echo[Symbol.asyncDispose]();
});

function newPublisher(options: Partial<PortPublisherOptions> = {}): PortPublisher {
  return new PortPublisher({
    ...{ sharesHost: true, graceMs: 0, ...options },
    dial: (target, signal) => {
      if (target.kind === 'udp') return Promise.resolve(datagramStream(target));
      if (target.kind !== 'tcp') throw new Error('only addresses are dialled');
      return connectStream({ host: target.host, port: target.port }, signal);
    },
  });
}

function ask(hostPort: number, rest: Partial<PortRequest> = {}): PortRequest {
  const target = { targetIp: echo.host, targetIpv6: '', targetPort: echo.port };
  return { protocol: 'tcp', hostIp: '', hostPortFirst: hostPort, hostPortLast: hostPort, ...target, ...rest };
}

/** A port that is free along with the next one, from where the system does not take any by itself. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + 2 * randomInt(5_000);
    const bound = await Promise.all([port, port + 1].map((each) => occupied(each, '::', false).catch(() => null)));
    for (const one of bound) await one?.[Symbol.asyncDispose]();
    if (!bound.includes(null)) return port;
  }
}

async function occupied(port: number, host: string, ipv6Only = true): Promise<AsyncDisposable> {
  const server = createServer().listen({ port, host, ipv6Only });
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

async function roundTrip(host: string, port: number): Promise<string> {
  const client = connect({ host, port, allowHalfOpen: true });
  client.end('over there');
  return textOf(client);
}

async function refused(host: string, port: number): Promise<string> {
  const client = connect({ host, port });
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  return error.code ?? '';
}

test('publishes on IPv4 and IPv6 under one number, with half-close, until released', async () => {
  const port = await freePort();
  const [published] = await publisher.publish('c', [ask(port)]);
  expect(published).toEqual({ ...ask(port), hostPort: port, hostIps: ['0.0.0.0', '::'], direct: true });
  expect(await roundTrip('127.0.0.1', port)).toBe('over there');
  expect(await roundTrip('::1', port)).toBe('over there');
  await publisher.release('c');
  await publisher.release('c');
  expect(await refused('127.0.0.1', port)).toBe('ECONNREFUSED');
});

test('publishes on the one address that was asked for', async () => {
  const port = await freePort();
  const [published] = await publisher.publish('c', [ask(port, { hostIp: '127.0.0.1' })]);
  expect(published?.hostIps).toEqual(['127.0.0.1']);
  expect(await refused('::1', port)).toBe('ECONNREFUSED');
});

test('publishes on one address where the system gives the port on every address only', async () => {
  await using low = newPublisher({ boundAddress: () => '0.0.0.0' });
  const port = await freePort();
  const [published] = await low.publish('c', [ask(port, { hostIp: '127.0.0.2' })]);
  expect(published?.hostIps).toEqual(['127.0.0.2']);
  expect(await refused('127.0.0.1', port)).toBe('ECONNRESET');
  const client = connect({ port, host: '127.0.0.2', allowHalfOpen: true });
  client.end('hello');
  expect(await textOf(client)).toBe('hello');
});

test('takes ports from the ephemeral range, a new one each time', async () => {
  const published = await publisher.publish('c', [ask(0), ask(0)]);
  const [first, second] = published.map(({ hostPort }) => hostPort);
  expect(first).toBeGreaterThanOrEqual(32768);
  expect(second).toBeGreaterThan(first!);
  expect(await roundTrip('127.0.0.1', second!)).toBe('over there');
});

test('a port that another container has is refused in the words of dockerd', async () => {
  const port = await freePort();
  await publisher.publish('one', [ask(port)]);
  const again = publisher.publish('two', [ask(port)]);
  await expect(again).rejects.toThrow(`Bind for 0.0.0.0:${port} failed: port is already allocated`);
  const range = ask(0, { hostPortFirst: port, hostPortLast: port });
  await expect(publisher.publish('two', [range])).rejects.toThrow('port is already allocated');
});

test('a range that this engine has used up is refused in the words of dockerd', async () => {
  const port = await freePort();
  const range = ask(0, { hostPortFirst: port, hostPortLast: port + 1, hostIp: '127.0.0.1' });
  await publisher.publish('one', [range, range]);
  await expect(publisher.publish('two', [range])).rejects.toThrow(/^all ports are allocated$/);
});

test.each([
  ['127.0.0.1', '', '0.0.0.0:PORT'],
  ['127.0.0.1', '127.0.0.1', '127.0.0.1:PORT'],
  ['::', '', '[::]:PORT'],
])('a port that another program has on %s, asked for on "%s"', async (occupiedHost, hostIp, shown) => {
  const port = await freePort();
  await using _other = await occupied(port, occupiedHost);
  const rule = `${shown.replace('PORT', String(port))}:${echo.host}:${echo.port}/tcp`;
  const asked = publisher.publish('c', [ask(port, { hostIp })]);
  await expect(asked).rejects.toThrow(`failed to bind host port for ${rule}: address already in use`);
  if (occupiedHost === '::') expect(await refused('127.0.0.1', port)).toBe('ECONNREFUSED');
});

test('goes through a range, and names the last port when none is free', async () => {
  const port = await freePort();
  await using _other = await occupied(port, '127.0.0.1');
  const range = ask(0, { hostIp: '127.0.0.1', hostPortFirst: port, hostPortLast: port + 1 });
  const [published] = await publisher.publish('c', [range]);
  expect(published?.hostPort).toBe(port + 1);
  await publisher.release('c');
  await using _last = await occupied(port + 1, '127.0.0.1');
  await expect(publisher.publish('c', [range])).rejects.toThrow(
    `failed to bind host port ${port + 1} for 127.0.0.1:${port}-${port + 1}:${echo.host}:${echo.port}/tcp: address already in use`,
  );
});

test('an address that this host does not have', async () => {
  const asked = publisher.publish('c', [ask(8080, { hostIp: '192.0.2.1' })]);
  await expect(asked).rejects.toThrow(
    /^failed to bind host port for 192\.0\.2\.1:8080:.*: cannot assign requested address$/,
  );
});

test('binds all or none', async () => {
  const [free, taken] = [await freePort(), await freePort()];
  await using _other = await occupied(taken, '127.0.0.1');
  await expect(publisher.publish('c', [ask(free), ask(taken)])).rejects.toThrow('address already in use');
  expect(await refused('127.0.0.1', free)).toBe('ECONNREFUSED');
});

test('publishing again keeps what stays, without a gap, and frees what does not', async () => {
  const [kept, dropped] = [await freePort(), await freePort()];
  await publisher.publish('c', [ask(kept), ask(dropped)]);
  const client = connect(kept, '127.0.0.1');
  await once(client, 'connect');
  await publisher.publish('c', [ask(kept)]);
  client.end('still there');
  expect(await textOf(client)).toBe('still there');
  expect(await refused('127.0.0.1', dropped)).toBe('ECONNREFUSED');
});

test('restores what a machine still publishes, frees what it does not, and tells what it cannot have', async () => {
  const [gone, again, taken] = [await freePort(), await freePort(), await freePort()];
  await publisher.publish('gone', [ask(gone)]);
  await using _other = await occupied(taken, '127.0.0.1');
  const publication = (containerId: string, hostPort: number) => ({
    containerId,
    ports: [{ ...ask(0), hostPort, hostIps: ['0.0.0.0', '::'], direct: true }],
  });
  const failures = await publisher.restore([publication('again', again), publication('taken', taken)]);
  expect(failures.map(({ containerId }) => containerId)).toEqual(['taken']);
  expect(await roundTrip('127.0.0.1', again)).toBe('over there');
  expect(await refused('127.0.0.1', gone)).toBe('ECONNREFUSED');
});

test('a client is reset when nobody serves the target', async () => {
  const [port, nobody] = [await freePort(), await freePort()];
  await publisher.publish('c', [ask(port, { targetPort: nobody })]);
  expect(await refused('127.0.0.1', port)).toBe('ECONNRESET');
});

test('a client that comes before the program listens is served once it does', async () => {
  await using early = newPublisher({ graceMs: 60_000 });
  const [port, target] = [await freePort(), await freePort()];
  await early.publish('c', [ask(port, { targetPort: target })]);
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  await once(client, 'connect');
  const server = createServer((socket) => socket.on('error', () => undefined).end('at last')).listen(
    target,
    '127.0.0.1',
  );
  expect(await textOf(client)).toBe('at last');
  client.destroy();
  server.close();
});

test('a reset by the target reaches the client as one', async () => {
  const rude = createServer((socket: Socket) => socket.once('data', () => socket.resetAndDestroy())).listen(
    0,
    '127.0.0.1',
  );
  await once(rude, 'listening');
  const port = await freePort();
  await publisher.publish('c', [ask(port, { targetPort: (rude.address() as AddressInfo).port })]);
  const client = connect(port, '127.0.0.1');
  client.write('hello');
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
  rude.close();
});

test('UDP goes there and back, and frees its port', async () => {
  const target = createSocket('udp4').bind(0, '127.0.0.1');
  await once(target, 'listening');
  target.on('message', (datagram, from) => target.send(`re: ${datagram.toString()}`, from.port, from.address));
  const request = ask(0, { protocol: 'udp', targetPort: target.address().port });
  const [published] = await publisher.publish('c', [request]);
  const client = createSocket('udp4');
  client.send('ping', published!.hostPort, '127.0.0.1');
  const [answer] = (await once(client, 'message')) as [Buffer];
  expect(answer.toString()).toBe('re: ping');
  await publisher.release('c');
  const fixed = ask(published!.hostPort, { protocol: 'udp', targetPort: target.address().port });
  await publisher.publish('d', [fixed]);
  client.close();
  target.close();
});

test('each UDP client gets its own answers, and the first datagrams are not lost', async () => {
  const target = createSocket('udp4').bind(0, '127.0.0.1');
  await once(target, 'listening');
  target.on('message', (datagram, from) => target.send(datagram, from.port, from.address));
  const request = ask(0, { protocol: 'udp', targetPort: target.address().port });
  const [published] = await publisher.publish('c', [request]);
  const answersTo = async (texts: string[]): Promise<string[]> => {
    const client = createSocket('udp4');
    const answers: string[] = [];
    for (const text of texts) client.send(text, published!.hostPort, '127.0.0.1');
    for await (const [datagram] of on(client, 'message')) {
      answers.push(String(datagram));
      if (answers.length === texts.length) break;
    }
    client.close();
    return answers;
  };
  const [one, two] = [
    ['a1', 'a2', ''],
    ['b1', 'b2'],
  ];
  expect(await Promise.all([answersTo(one), answersTo(two)])).toEqual([one, two]);
  target.close();
});
