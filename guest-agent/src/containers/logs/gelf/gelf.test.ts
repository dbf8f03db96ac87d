import { gunzipSync, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { LogMessage } from '../remote/message.ts';
import { streamServer, udpServer, type LogServer } from '../testing/log-servers.ts';
import { testInfo } from '../testing/test-info.ts';
import { GelfSender } from './gelf-sender.ts';
import { gelfDatagrams } from './message.ts';

const never = new AbortController().signal;
const message = (line: string, stream: LogMessage['stream'] = 'stdout'): LogMessage => ({
  stream,
  timeNs: 1_700_000_000_123_456_789n,
  line: Buffer.from(line),
});

async function sent(options: Record<string, string>, messages: LogMessage[]): Promise<void> {
  const sender = new GelfSender(testInfo(options));
  await sender.open(never);
  await sender.send(messages, never);
  await sender.close();
}

const expected = {
  version: '1.1',
  host: 'laptop',
  short_message: 'hi',
  timestamp: 1_700_000_000.123,
  level: 6,
  _command: 'sh -c true',
  _container_id: 'a'.repeat(64),
  _container_name: 'web',
  _created: '2026-01-02T03:04:05Z',
  _image_id: 'sha256:0123456789',
  _image_name: 'busybox',
  _tag: 'aaaaaaaaaaaa',
};

const arrived = (server: LogServer, count: number) => server.until(() => server.received.length >= count);

test.each([
  ['gzip', gunzipSync],
  ['zlib', inflateSync],
  ['none', (bytes: Buffer) => bytes],
])('UDP, %s', async (type, unpack) => {
  await using server = await udpServer();
  await sent(
    {
      'gelf-address': `udp://127.0.0.1:${server.port}`,
      'gelf-compression-type': type,
      'gelf-compression-level': '9',
      labels: 'l1',
    },
    [message('hi'), message(''), message('oh', 'stderr')],
  );
  await arrived(server, 2);
  const messages = server.received.map((bytes) => JSON.parse(unpack(bytes).toString()) as object);
  expect(messages).toEqual([
    { ...expected, _l1: 'v1' },
    { ...expected, _l1: 'v1', short_message: 'oh', level: 3 },
  ]);
});

test('UDP: a long message comes in chunks', async () => {
  await using server = await udpServer();
  const line = 'x'.repeat(10_000);
  await sent({ 'gelf-address': `udp://127.0.0.1:${server.port}`, 'gelf-compression-type': 'none' }, [message(line)]);
  const count = gelfDatagrams(Buffer.alloc(10_400)).length;
  await arrived(server, count);
  const chunks = server.received;
  expect(chunks.every((chunk) => chunk.length <= 1420 && chunk.readUInt16BE(0) === 0x1e0f)).toBe(true);
  expect(chunks.map((chunk) => [chunk[10], chunk[11]])).toEqual(chunks.map((_, i) => [i, count]));
  expect(new Set(chunks.map((chunk) => chunk.toString('hex', 2, 10))).size).toBe(1);
  const whole = Buffer.concat(chunks.map((chunk) => chunk.subarray(12)));
  expect(JSON.parse(whole.toString())).toMatchObject({ short_message: line });
});

test('TCP: each message ends with a zero; a broken connection is opened again', async () => {
  await using server = await streamServer();
  const options = { 'gelf-address': `tcp://127.0.0.1:${server.port}`, 'gelf-tcp-reconnect-delay': '0' };
  const sender = new GelfSender(testInfo(options));
  await sender.open(never);
  await sender.send([message('hi')], never);
  await server.until((text) => text.endsWith('\0'));
  expect(JSON.parse(server.text().slice(0, -1))).toEqual(expected);
  server.hangUp();
  const attempts = async () => {
    await sender.send([message('after')], never);
    return server.text();
  };
  await expect.poll(attempts).toContain('after');
  await sender.close();
});

test('nobody listens', async () => {
  const why = 'gelf: cannot connect to GELF endpoint: 127.0.0.1:1 dial tcp 127.0.0.1:1: connect: connection refused';
  await expect(sent({ 'gelf-address': 'tcp://127.0.0.1:1' }, [])).rejects.toThrow(why);
});
