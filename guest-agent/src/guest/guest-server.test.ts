import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createMessageConnection,
  ErrorCodes,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { InvalidParameterError, SystemError, UnavailableError } from '../api/errors.ts';
import { createGuestServer, type GuestServer } from './guest-server.ts';

let dir: string;
let socketPath: string;
let server: GuestServer;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'berth-'));
  socketPath = path.join(dir, 'guest.sock');
  server = createGuestServer({
    services: {
      'guest.info': async () => ({ agentVersion: '1', kernelVersion: '6', readyUptimeMs: 3 }),
      'ports.list': () => Promise.reject(new InvalidParameterError('cannot list')),
      'clock.set': async () => ({ steppedByMs: 0 }),
      'files.changed': async () => ({}),
      'guest.shutdownTimeout': async () => ({ timeoutMs: null }),
      'guest.shutdown': async () => ({}),
    },
  });
  await server.listen(socketPath);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

async function upgraded(method: string, url: string, protocol: string): Promise<[IncomingMessage, Duplex]> {
  const headers = { Connection: 'Upgrade', Upgrade: protocol };
  const ask = request({ socketPath, method, path: url, headers, agent: false });
  ask.once('response', (answer) => ask.destroy(new Error(`status ${answer.statusCode}`)));
  const [answer, stream, head] = (await once(ask.end(), 'upgrade')) as [IncomingMessage, Duplex, Buffer];
  if (head.length > 0) stream.unshift(head);
  return [answer, stream];
}

async function daemon() {
  const [, stream] = await upgraded('GET', '/guest/session', 'berth-rpc');
  const connection = createMessageConnection(new StreamMessageReader(stream), new StreamMessageWriter(stream));
  connection.listen();
  return { stream, connection };
}

async function call(method: string, url: string): Promise<{ status: number | undefined; body: unknown }> {
  const [answer] = (await once(request({ socketPath, method, path: url, agent: false }).end(), 'response')) as [
    IncomingMessage,
  ];
  return { status: answer.statusCode, body: await json(answer) };
}

test('answers the daemon, with failures told by kind', async () => {
  const { connection } = await daemon();
  expect(await connection.sendRequest('guest.info', {})).toEqual({
    agentVersion: '1',
    kernelVersion: '6',
    readyUptimeMs: 3,
  });
  const refused = await connection.sendRequest('ports.list', {}).catch((error: unknown) => error);
  expect(refused).toMatchObject({ message: 'cannot list', data: { kind: 'invalid' } });
});

test('asks the daemon that is connected; none is an error, and so is one that leaves before it answers', async () => {
  const release = () => server.host['ports.release']({ containerId: 'c' });
  expect(server.connected).toBe(false);
  await expect(release()).rejects.toThrow(UnavailableError);
  const waiting = server.whenConnected(AbortSignal.timeout(5_000));
  const { connection, stream } = await daemon();
  await waiting;
  connection.onRequest('ports.release', (params) => ({ got: params }));
  expect(await release()).toEqual({ got: { containerId: 'c' } });
  connection.onRequest('ports.release', () => new Promise(() => undefined));
  const open = release();
  stream.destroy();
  await expect(open).rejects.toThrow(UnavailableError);
});

test('a port that the host cannot give fails in the words of the host', async () => {
  const { connection } = await daemon();
  connection.onRequest('ports.publish', () => {
    throw new ResponseError(ErrorCodes.InternalError, 'port is already allocated', { kind: 'port-in-use' });
  });
  await server.whenConnected(AbortSignal.timeout(5_000));
  const publish = server.host['ports.publish']({ containerId: 'c', ports: [] });
  await expect(publish).rejects.toThrow(new SystemError('port is already allocated'));
});

test('a newer daemon replaces the older', async () => {
  const older = await daemon();
  const gone = once(older.stream, 'close');
  const newer = await daemon();
  newer.connection.onRequest('ports.release', () => ({ from: 'newer' }));
  older.stream.resume();
  await gone;
  expect(await server.host['ports.release']({ containerId: 'c' })).toEqual({ from: 'newer' });
});

test('gives a shell under a terminal, which can be resized and has an exit code', async () => {
  const [answer, stream] = await upgraded('POST', '/guest/shell?cols=91&rows=33', 'berth-shell');
  const id = answer.headers['berth-shell'] as string;
  let output = '';
  stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const seen = async (text: string) => {
    while (!output.includes(text)) await once(stream, 'data');
  };
  stream.write('echo size=$(stty size)\n');
  await seen('size=33 91');
  expect(await call('POST', `/guest/shell/${id}/resize?cols=100&rows=40`)).toEqual({ status: 200, body: {} });
  stream.write('echo size=$(stty size); exit 42\n');
  await seen('size=40 100');
  await once(stream, 'end');
  expect(await call('GET', `/guest/shell/${id}/wait`)).toEqual({ status: 200, body: { exitCode: 42 } });
});

test('a client that leaves ends its shell', async () => {
  const [answer, stream] = await upgraded('POST', '/guest/shell', 'berth-shell');
  await once(stream, 'data');
  stream.destroy();
  const { body } = await call('GET', `/guest/shell/${answer.headers['berth-shell'] as string}/wait`);
  expect((body as { exitCode: number }).exitCode).toBeGreaterThanOrEqual(0);
});

test('refuses what it does not know', async () => {
  await expect(upgraded('GET', '/guest/other', 'berth-rpc')).rejects.toThrow('status 404');
  await expect(upgraded('POST', '/guest/shell?cols=0', 'berth-shell')).rejects.toThrow('status 400');
  expect(await call('GET', '/guest/shell/none/wait')).toEqual({
    status: 404,
    body: { message: 'no such shell: none' },
  });
  expect(await call('GET', '/')).toMatchObject({ status: 404 });
});
