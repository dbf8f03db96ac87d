import os from 'node:os';
import path from 'node:path';
import { decodeMulti, encode, type ExtData } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import type { LogMessage } from '../remote/message.ts';
import { streamServer, type LogServer } from '../testing/log-servers.ts';
import { testInfo } from '../testing/test-info.ts';
import { FluentdSender } from './fluentd-sender.ts';

const never = new AbortController().signal;
const message = (line: string): LogMessage => ({
  stream: 'stdout',
  timeNs: 1_700_000_000_123_456_789n,
  line: Buffer.from(line),
});
type Event = [string, unknown, Record<string, string>, { chunk?: string }];
const events = (server: LogServer) => [...decodeMulti(Buffer.concat(server.received))] as Event[];
const sender = (options: Record<string, string>) => new FluentdSender(testInfo(options));

test('an event a line, with the container and its attributes', async () => {
  const socket = path.join(os.tmpdir(), `berth-fluentd-${process.pid}.sock`);
  await using server = await streamServer({ listen: { path: socket } });
  const fluentd = sender({ 'fluentd-address': `unix://${socket}`, tag: 'docker.{{.Name}}', labels: 'l1' });
  await fluentd.open(never);
  const partial = { id: 'p', ordinal: 1, last: false };
  await fluentd.send([message('one'), { ...message('two'), partial }], never);
  await fluentd.close();
  await server.until((text) => text.includes('partial_last'));
  const about = { container_id: 'a'.repeat(64), container_name: '/web', source: 'stdout', l1: 'v1' };
  const ends = { partial_message: 'true', partial_id: 'p', partial_ordinal: '1', partial_last: 'false' };
  expect(events(server)).toEqual([
    ['docker.web', 1_700_000_000, { ...about, log: 'one' }, {}],
    ['docker.web', 1_700_000_000, { ...about, log: 'two', ...ends }, {}],
  ]);
});

test('times with nanoseconds where they are asked for', async () => {
  await using server = await streamServer();
  const fluentd = sender({ 'fluentd-address': `127.0.0.1:${server.port}`, 'fluentd-sub-second-precision': 'true' });
  await fluentd.open(never);
  await fluentd.send([message('x')], never);
  await server.until((text) => text.includes('source'));
  const time = events(server)[0]?.[1] as ExtData;
  expect(time.type).toBe(0);
  expect(Buffer.from(time.data as Uint8Array).toString('hex')).toBe('6553f100075bcd15');
  await fluentd.close();
});

test('what is not confirmed is sent again', async () => {
  let isDeaf = true;
  await using server = await streamServer({
    answer(socket, chunk) {
      if (isDeaf) socket.destroy();
      else for (const event of decodeMulti(chunk)) socket.write(encode({ ack: (event as Event)[3].chunk }));
      isDeaf = false;
    },
  });
  const fluentd = sender({ 'fluentd-address': `127.0.0.1:${server.port}`, 'fluentd-request-ack': 'true' });
  await fluentd.open(never);
  await fluentd.send([message('one'), message('two')], never);
  expect(events(server).map(([, , { log }]) => log)).toEqual(['one', 'one', 'two']);
  await fluentd.close();
});

test('a server that is gone is tried until the retries are used up', async () => {
  const server = await streamServer();
  const options = { 'fluentd-max-retries': '3', 'fluentd-retry-wait': '1ms' };
  const fluentd = sender({ 'fluentd-address': `127.0.0.1:${server.port}`, ...options });
  await fluentd.open(never);
  await server[Symbol.asyncDispose]();
  const attempts = async () => {
    try {
      await fluentd.send([message('x')], never);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  await expect.poll(attempts).toBe('fluent#write: could not connect to fluentd after 3 retries');
});

test('nobody listens: refused, unless it is to happen in the background', async () => {
  const refused = sender({ 'fluentd-address': '127.0.0.1:1' }).open(never);
  await expect(refused).rejects.toThrow('dial tcp 127.0.0.1:1: connect: connection refused');
  await sender({ 'fluentd-address': '127.0.0.1:1', 'fluentd-async': 'true' }).open(never);
});
