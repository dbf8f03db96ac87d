import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogMessage } from '../remote/message.ts';
import { streamServer, udpServer } from '../testing/log-servers.ts';
import { testInfo } from '../testing/test-info.ts';
import { SyslogSender } from './syslog-sender.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'berth-syslog-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const never = new AbortController().signal;
const timeNs = BigInt(new Date(2026, 0, 5, 9, 7, 3).getTime()) * 1_000_000n + 123_456_789n;
const message = (line: string, stream: LogMessage['stream'] = 'stdout'): LogMessage => ({
  stream,
  timeNs,
  line: Buffer.from(line),
});

async function sent(options: Record<string, string>, messages: LogMessage[]): Promise<void> {
  const sender = await SyslogSender.create(testInfo(options));
  await sender.open(never);
  await sender.send(messages, never);
  await sender.close();
}

const { pid } = process;
const id = 'a'.repeat(12);

test('UDP: a datagram a line, errors with their severity, empty lines left out', async () => {
  await using server = await udpServer();
  const options = { 'syslog-address': `udp://127.0.0.1:${server.port}` };
  await sent(options, [message('one'), message(''), message('two', 'stderr')]);
  await server.until((text) => text.includes('two'));
  const lines = server.received.map(String);
  expect(lines).toEqual([`<30>Jan  5 09:07:03 ${id}[${pid}]: one\n`, `<27>Jan  5 09:07:03 ${id}[${pid}]: two\n`]);
});

test.each([
  ['rfc3164', 'local3', `<158>Jan  5 09:07:03 laptop web[${pid}]: hi\n`],
  ['rfc5424', '3', new RegExp(`^<30>1 2026-01-05T09:07:03\\S+ laptop web ${pid} web - hi\\n$`)],
  ['rfc5424micro', 'kern', new RegExp(`^<6>1 2026-01-05T09:07:03\\.123456\\S+ laptop web ${pid} web - hi\\n$`)],
])('TCP, %s, facility %s', async (format, facility, expected) => {
  await using server = await streamServer();
  await sent(
    {
      'syslog-address': `tcp://127.0.0.1:${server.port}`,
      'syslog-format': format,
      'syslog-facility': facility,
      tag: '{{.Name}}',
    },
    [message('hi')],
  );
  await server.until((text) => text.endsWith('\n'));
  if (typeof expected === 'string') expect(server.text()).toBe(expected);
  else expect(server.text()).toMatch(expected);
});

test('unix', async () => {
  const socket = path.join(dir, 'stream.sock');
  await using server = await streamServer({ listen: { path: socket } });
  await sent({ 'syslog-address': `unix://${socket}` }, [message('a'), message('b')]);
  await server.until((text) => text.includes(': b\n'));
});

const has = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

test.skipIf(!has('socat'))('unixgram: nothing is lost however fast', async () => {
  const socket = path.join(dir, 'gram.sock');
  const log = path.join(dir, 'gram.log');
  const { spawn } = await import('node:child_process');
  const server = spawn('socat', ['-u', `UNIX-RECV:${socket}`, `OPEN:${log},creat,append`]);
  try {
    await expect.poll(() => readFile('/proc/net/unix', 'utf8')).toContain(socket);
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`);
    await sent({ 'syslog-address': `unixgram://${socket}` }, lines.map((line) => message(line))); // prettier-ignore
    const read = async () => (await readFile(log, 'utf8')).split('\n').map((line) => line.split(': ')[1]);
    await expect.poll(read).toEqual([...lines, undefined]);
  } finally {
    server.kill();
  }
});

test.skipIf(!has('openssl'))('TLS: by its certificate, framed by RFC 5425 with rfc5424', async () => {
  const [key, cert] = [path.join(dir, 'key.pem'), path.join(dir, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const tls = { key: await readFile(key), cert: await readFile(cert) };
  await using server = await streamServer({ tls });
  const address = { 'syslog-address': `tcp+tls://127.0.0.1:${server.port}`, 'syslog-format': 'rfc5424' };
  await expect(sent(address, [message('x')])).rejects.toThrow('self-signed certificate');
  await sent({ ...address, 'syslog-tls-ca-cert': cert }, [message('one')]);
  await sent({ ...address, 'syslog-tls-skip-verify': '' }, [message('two')]);
  await server.until((text) => text.includes('two'));
  for (const framed of server.received.map(String)) {
    const [, length, rest] = /^(\d+) ([^]*)$/.exec(framed) ?? [];
    expect(rest).toHaveLength(Number(length));
  }
  const missing = { ...address, 'syslog-tls-ca-cert': '/nope' };
  const why = 'could not read CA certificate "/nope": open /nope: no such file or directory';
  await expect(sent(missing, [])).rejects.toThrow(why);
});

test('a broken connection is opened again, and the line sent over the new one', async () => {
  await using server = await streamServer();
  const sender = await SyslogSender.create(testInfo({ 'syslog-address': `tcp://127.0.0.1:${server.port}` }));
  await sender.open(never);
  await sender.send([message('before')], never);
  await server.until((text) => text.includes('before'));
  server.hangUp();
  const attempts = async () => {
    await sender.send([message('after')], never);
    return server.text();
  };
  await expect.poll(attempts).toContain('after');
  await sender.close();
});

test.each([
  ['tcp://127.0.0.1:1', 'dial tcp 127.0.0.1:1: connect: connection refused'],
  ['tcp://127.0.0.1:99999', 'dial tcp: address 99999: invalid port'],
  ['udp://nohost.invalid:514', 'dial udp: lookup nohost.invalid: no such host'],
])('nobody at %s', async (address, why) => {
  await expect(sent({ 'syslog-address': address }, [])).rejects.toThrow(why);
});
