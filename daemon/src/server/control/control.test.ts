import type { IncomingMessage, ServerResponse } from 'node:http';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { follow } from '../../api/follow.ts';
import type { ControlEvent } from '../../api/streams.ts';
import { controlBed, type ControlBed } from '../../testing/control-bed.ts';
import { until } from '../../concurrency/until.ts';

test('what is malformed is refused in one line that names the key', async () => {
  await using bed = await controlBed();
  const call = bed.client.call.bind(bed.client) as (name: string, request: unknown) => Promise<unknown>;
  await expect(call('containers.start', {})).rejects.toThrow('containers.start: id: expected a string, got undefined');
  await expect(call('containers.remove', { id: 'x', force: 1 })).rejects.toThrow(
    'force: expected true or false, got 1',
  );
  await expect(call('stop', { now: true })).rejects.toThrow('stop: unknown key "now"');
  await expect(call('start', { cpus: 'four' })).rejects.toThrow('start: cpus: expected an integer');
  expect(bed.machine.calls).toEqual([]);
});

test('start, stop and restart answer with the state that they led to; a failure with what was printed last', async () => {
  await using bed = await controlBed();
  expect(await bed.client.call('stop', {})).toMatchObject({ state: 'stopped' });
  expect(await bed.client.call('start', {})).toMatchObject({ state: 'running' });
  expect(await bed.client.call('restart', {})).toMatchObject({ state: 'running' });
  expect(bed.machine.calls).toEqual(['stop', 'start', 'stop', 'start']);
  bed.machine.failures = ['no kernel'];
  await expect(bed.client.call('restart', {})).rejects.toThrow('no kernel');
});

test("the engine's answers become rows, and its errors the caller's", async () => {
  const engine = (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'POST') return void response.writeHead(409).end('{"message":"no such luck"}');
    const ports = [
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '::', PrivatePort: 81, PublicPort: 8081, Type: 'tcp' },
      { PrivatePort: 443, Type: 'tcp' },
    ];
    const mounts = [{ Type: 'volume', Name: 'data' }, { Type: 'bind' }];
    const summary = { Id: 'abc', Names: ['/web'], State: 'running', Ports: ports, Mounts: mounts, Labels: null };
    return void response.end(
      JSON.stringify(request.url?.includes('/volumes') ? { Volumes: [{ Name: 'data' }] } : [summary]),
    );
  };
  await using bed = await controlBed({ engine });
  const [row] = await bed.client.call('containers.list', {});
  expect(row).toMatchObject({ id: 'abc', name: 'web', state: 'running', labels: {}, volumes: ['data'] });
  expect(row?.ports).toEqual([
    { address: '', hostPort: 8080, containerPort: 80, protocol: 'tcp' },
    { address: '', hostPort: 8081, containerPort: 81, protocol: 'tcp' },
  ]);
  expect(await bed.client.call('volumes.list', {})).toMatchObject([{ name: 'data', usedBy: ['web'] }]);
  await expect(bed.client.call('containers.start', { id: 'abc' })).rejects.toThrow('no such luck');
});

/** An engine whose events a test tells. */
function eventfulEngine() {
  const listeners = new Set<ServerResponse>();
  const engine = (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.includes('/events')) return void response.end('[]');
    response.flushHeaders();
    listeners.add(response);
    request.socket.once('close', () => listeners.delete(response));
  };
  const tell = (event: object) => listeners.forEach((response) => response.write(`${JSON.stringify(event)}\n`));
  return { engine, tell, listeners };
}

function listen(bed: ControlBed, signal: AbortSignal): ControlEvent[] {
  const events: ControlEvent[] = [];
  void follow(
    bed.paths.controlSocket,
    { stream: 'events', request: {} },
    { signal, onMessage: (event) => void events.push(event) },
  );
  return events;
}

const soon = { timeoutMs: 15_000, what: 'event' };

test('pushes the status, its changes, progress and what happens in the engine', async () => {
  const { engine, tell, listeners } = eventfulEngine();
  await using bed = await controlBed({ engine });
  const left = new AbortController();
  const events = listen(bed, left.signal);
  await until(() => events.some(({ kind }) => kind === 'lost'), soon);
  expect(events[0]).toMatchObject({ kind: 'status', status: { state: 'running' } });
  tell({ Type: 'container', Action: 'exec_create: sh', Actor: { ID: 'abc' } });
  tell({ Type: 'container', Action: 'die', Actor: { ID: 'abc' } });
  await until(() => events.some(({ kind }) => kind === 'engine'), soon);
  expect(events.filter(({ kind }) => kind === 'engine')).toEqual([
    { kind: 'engine', type: 'container', action: 'die', id: 'abc' },
  ]);
  bed.events.progress({ phase: 'kernel', atMs: 3 });
  await bed.client.call('stop', {});
  await until(() => events.some((event) => event.kind === 'status' && event.status.state === 'stopped'), soon);
  expect(events).toContainEqual({ kind: 'progress', phase: 'kernel', atMs: 3 });
  left.abort();
  await until(() => listeners.size === 0, { ...soon, what: 'end of the watch' });
});

test('a warning that comes or goes is told without a change of the state', async () => {
  const { engine } = eventfulEngine();
  await using bed = await controlBed({ engine });
  const left = new AbortController();
  const events = listen(bed, left.signal);
  const warned = () => events.flatMap((event) => (event.kind === 'status' ? [event.status.warnings] : []));
  await until(() => events.length > 0, soon);
  bed.machine.warnings = ['the disk is full'];
  await until(() => warned().at(-1)?.length === 1, soon);
  bed.machine.warnings = [];
  await until(() => warned().at(-1)?.length === 0, soon);
  expect(warned()).toHaveLength(3);
  left.abort();
});

test('the engine is asked for its events once, only while somebody listens; whoever joins is told to read everything', async () => {
  const { engine, listeners } = eventfulEngine();
  await using bed = await controlBed({ engine });
  const left = new AbortController();
  const isTold = (events: ControlEvent[]) => events.some(({ kind }) => kind === 'lost');
  const first = listen(bed, left.signal);
  await until(() => isTold(first), soon);
  const second = listen(bed, left.signal);
  await until(() => isTold(second), soon);
  expect(listeners.size).toBe(1);
  left.abort();
  await until(() => listeners.size === 0, { ...soon, what: 'end of the watch' });
});

test('a reader that does not acknowledge is not sent more, and whoever lags behind learns that it missed something', async () => {
  const { engine } = eventfulEngine();
  await using bed = await controlBed({ engine });
  const release = Promise.withResolvers<void>();
  const events: ControlEvent[] = [];
  const left = new AbortController();
  const onMessage = async (event: ControlEvent) => {
    events.push(event);
    await release.promise;
  };
  const following = follow(
    bed.paths.controlSocket,
    { stream: 'events', request: {} },
    { signal: left.signal, onMessage },
  );
  await until(() => events.some(({ kind }) => kind === 'lost'), soon);
  for (let atMs = 0; atMs < 5000; atMs++) bed.events.progress({ phase: 'p', atMs });
  release.resolve();
  await until(() => events.some((event) => event.kind === 'progress' && event.atMs === 4999), soon);
  expect(events.filter(({ kind }) => kind === 'lost').length).toBeGreaterThan(1);
  expect(events.length).toBeLessThan(1100);
  left.abort();
  await following;
});

test("follows berth's own logs from their last lines on", async () => {
  await using bed = await controlBed();
  const { paths } = bed;
  await mkdir(paths.instanceDir);
  await writeFile(paths.daemonLog, 'one\ntwo\nthree\n');
  const lines: string[] = [];
  const left = new AbortController();
  const following = follow(
    paths.controlSocket,
    { stream: 'logs', request: { tail: 2 } },
    {
      signal: left.signal,
      onMessage: (message) => void lines.push(...message.lines.map((line) => `${message.source} ${line}`)),
    },
  );
  await until(() => lines.length === 2, { ...soon, what: 'tail' });
  await appendFile(paths.daemonLog, '{"level":30,"time":"T","msg":"hi"}\nunfinished');
  await writeFile(`${paths.instanceDir}/agent.log`, 'from the agent\n');
  await until(() => lines.length === 4, { ...soon, what: 'new lines' });
  expect(lines).toEqual(['daemon two', 'daemon three', 'daemon T info  hi', 'agent from the agent']);
  left.abort();
  await following;
});

/** A piece of Docker's multiplexed stream. */
function frame(stream: 'stdout' | 'stderr', payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream === 'stdout' ? 1 : 2;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

test("follows a container's output until it ends; one that is not there is told", async () => {
  const engine = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.includes('/gone/'))
      return void response.writeHead(404).end('{"message":"No such container: gone"}');
    response.setHeader('Content-Type', 'application/vnd.docker.multiplexed-stream');
    const bytes = Buffer.concat([
      frame('stdout', Buffer.from('häl')),
      frame('stdout', Buffer.from('lo\n')),
      frame('stderr', Buffer.from('no\n')),
    ]);
    response.write(bytes.subarray(0, 10));
    setImmediate(() => response.end(bytes.subarray(10)));
  };
  await using bed = await controlBed({ engine });
  const output = { stdout: '', stderr: '' };
  const signal = new AbortController().signal;
  const of = (id: string) => ({ stream: 'containers.logs', request: { id, tail: 10 } }) as const;
  await follow(bed.paths.controlSocket, of('abc'), {
    signal,
    onMessage: ({ pieces }) => pieces.forEach(({ stream, text }) => (output[stream] += text)),
  });
  expect(output).toEqual({ stdout: 'hällo\n', stderr: 'no\n' });
  const gone = follow(bed.paths.controlSocket, of('gone'), { signal, onMessage: () => undefined });
  await expect(gone).rejects.toThrow('No such container: gone');
});
