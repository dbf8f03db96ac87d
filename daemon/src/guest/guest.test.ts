import { createServer } from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { createMessageConnection, ResponseError, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { HostServices } from '@berth/guest-agent/api';
import { until } from '../concurrency/until.ts';
import { HostFiles } from '../files/host-files.ts';
import { PortInUseError } from '../ports/port-errors.ts';
import { FakeDriver, FakeHost } from '../vm/testing/fake-driver.ts';
import { attachGuest } from './attach.ts';
import { openSession } from './session.ts';

const signal = new AbortController().signal;
const soon = { timeoutMs: 5_000 };
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

type Handlers = Record<string, (params: unknown) => unknown>;

/** An agent that a test plays: it upgrades every stream and answers with `handlers`. */
function playedAgent(handlers: Handlers) {
  const calls: [method: string, params: unknown][] = [];
  const streams: Duplex[] = [];
  const asked: ((method: string, params: unknown) => Promise<unknown>)[] = [];
  const server = createServer();
  server.on('upgrade', (_request, stream) => {
    stream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: berth-rpc\r\n\r\n');
    const connection = createMessageConnection(new StreamMessageReader(stream), new StreamMessageWriter(stream));
    connection.onRequest((method, params) => {
      calls.push([method, params]);
      return handlers[method]?.(params) ?? {};
    });
    connection.listen();
    streams.push(stream);
    asked.push((method, params) => connection.sendRequest(method, params));
  });
  return { calls, streams, asked, guest: (stream: Duplex) => void server.emit('connection', stream) };
}

const noServices: HostServices = {
  'ports.publish': async () => ({ ports: [] }),
  'ports.release': async () => ({}),
  'files.locate': async () => ({ found: null, refusal: '' }),
  'files.serve': async () => ({}),
};
const files = new HostFiles({ folders: async () => [], attributesDir: '/nowhere', settingsFile: 'settings.json' });

test('asks the agent and answers it over one stream', async () => {
  const agent = playedAgent({ 'clock.set': () => ({ steppedByMs: 7 }) });
  const [host, guest] = duplexPair();
  agent.guest(guest);
  const busy = {
    ...noServices,
    'ports.publish': () => Promise.reject(new PortInUseError('port is already allocated')),
  };
  using session = await openSession(host, busy, signal);
  expect(await session.guest['clock.set']({ epochMs: 5 })).toEqual({ steppedByMs: 7 });
  expect(agent.calls).toEqual([['clock.set', { epochMs: 5 }]]);
  expect(await agent.asked[0]?.('ports.release', { containerId: 'c' })).toEqual({});
  const refused = await agent.asked[0]?.('ports.publish', {}).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ResponseError);
  expect(refused).toMatchObject({ message: 'port is already allocated', data: { kind: 'port-in-use' } });
});

test('a question that is open when the agent goes is rejected', async () => {
  const agent = playedAgent({ 'guest.info': () => new Promise(() => undefined) });
  const [host, guest] = duplexPair();
  agent.guest(guest);
  using session = await openSession(host, noServices, signal);
  const asking = session.guest['guest.info']({});
  agent.streams[0]?.destroy();
  await expect(asking).rejects.toThrow('the guest agent went away');
});

test('an agent that refuses the session is an error, and the stream is closed', async () => {
  const [host, guest] = duplexPair();
  createServer((_request, response) => void response.writeHead(404).end()).emit('connection', guest);
  await expect(openSession(host, noServices, signal)).rejects.toThrow('the agent answered 404');
  expect(host.destroyed).toBe(true);
});

async function attached(handlers: Handlers, sharesHost: boolean) {
  const agent = playedAgent({ 'ports.list': () => ({ publications: [] }), ...handlers });
  const driver = new FakeDriver(new FakeHost(), { guest: { guest: agent.guest }, capabilities: { sharesHost } });
  const spec = { instanceDir: '/fake', cpus: 1, memoryMiB: 512, diskGiB: 1, engineSockets: [], engineConfig: {} };
  const vm = await driver.start(spec, { signal, onProgress: () => undefined });
  const attachment = await attachGuest(vm, { driver, waitsForAgent: true, signal, files, log: quiet });
  return { agent, vm, attachment };
}

test('connects again after the agent has ended, and then binds the ports it lists', async () => {
  const published = { protocol: 'tcp', hostIp: '127.0.0.1', hostPortFirst: 0, hostPortLast: 0 } as const;
  const ports = [{ ...published, targetIp: '127.0.0.1', targetPort: 1, hostPort: 1, hostIps: ['127.0.0.1'] }];
  let publications: object[] = [];
  const { agent, attachment } = await attached({ 'ports.list': () => ({ publications }) }, true);
  expect(attachment.warnings()).toEqual([]);
  publications = [{ containerId: 'c'.repeat(64), ports: [{ ...ports[0], hostIp: '192.0.2.1' }] }];
  agent.streams[0]?.destroy();
  await until(() => attachment.warnings().length > 0, { ...soon, what: 'another session' });
  expect(agent.streams).toHaveLength(2);
  expect(attachment.warnings()[0]).toMatch(/^ports of cccccccccccc: failed to bind host port for 192\.0\.2\.1:1:/);
  await attachment[Symbol.asyncDispose]();
  await until(() => agent.streams[1]?.destroyed === true, { ...soon, what: 'the end of the session' });
});

test('sets the clock of a guest that is not this host, and of no other', async () => {
  const methods = async (sharesHost: boolean) => {
    const { agent, attachment } = await attached({ 'clock.set': () => ({ steppedByMs: 0 }) }, sharesHost);
    await attachment[Symbol.asyncDispose]();
    return agent.calls.map(([method]) => method);
  };
  expect(await methods(false)).toEqual(['guest.info', 'clock.set', 'ports.list']);
  expect(await methods(true)).toEqual(['guest.info', 'ports.list']);
});

test('shutting down waits for the agent, and for one that goes without an answer', async () => {
  const handlers = { 'guest.shutdown': () => ({}), 'guest.shutdownTimeout': () => ({ timeoutMs: 1_000 }) };
  const { agent, attachment } = await attached(handlers, true);
  await attachment.shutdown();
  expect(agent.calls.at(-1)).toEqual(['guest.shutdown', { timeoutMs: 1_000 }]);
  await attachment[Symbol.asyncDispose]();
  const leaving = { ...handlers, 'guest.shutdown': () => other.agent.streams[0]?.destroy() };
  const other = await attached(leaving, true);
  await other.attachment.shutdown();
  await other.attachment[Symbol.asyncDispose]();
});

test('a machine that ends while the agent is awaited is an error', async () => {
  const driver = new FakeDriver(new FakeHost(), { guest: { guest: () => undefined } });
  const spec = { instanceDir: '/fake', cpus: 1, memoryMiB: 512, diskGiB: 1, engineSockets: [], engineConfig: {} };
  const vm = await driver.start(spec, { signal, onProgress: () => undefined });
  const attaching = attachGuest(vm, { driver, waitsForAgent: true, signal, files, log: quiet });
  void vm.kill();
  await expect(attaching).rejects.toThrow('the machine ended: killed');
});

test('an agent that never answers is given up with the start', async () => {
  const agent = playedAgent({ 'ports.list': () => new Promise(() => undefined) });
  const driver = new FakeDriver(new FakeHost(), { guest: { guest: agent.guest }, capabilities: { sharesHost: true } });
  const spec = { instanceDir: '/fake', cpus: 1, memoryMiB: 512, diskGiB: 1, engineSockets: [], engineConfig: {} };
  const vm = await driver.start(spec, { signal, onProgress: () => undefined });
  const givenUp = new AbortController();
  const attaching = attachGuest(vm, { driver, waitsForAgent: true, signal: givenUp.signal, files, log: quiet });
  attaching.catch(() => undefined);
  await until(() => agent.calls.length > 0, { ...soon, what: 'the first question' });
  givenUp.abort();
  await expect(attaching).rejects.toThrow('aborted');
});
