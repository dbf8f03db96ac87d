import { expect, test } from 'vitest';
import { streamServer } from '../testing/log-servers.ts';
import { testInfo } from '../testing/test-info.ts';
import { SyslogSender } from '../syslog/syslog-sender.ts';
import type { LogMessage, LogSender } from './message.ts';
import { RemoteWriter, type RemoteWriterOptions } from './remote-writer.ts';

class FakeSender implements LogSender {
  readonly lines: string[] = [];
  /** Settles what is being sent; null: it is sent at once. */
  gate: PromiseWithResolvers<void> | null = null;
  closed = false;

  async open(): Promise<void> {}

  async send(messages: readonly LogMessage[], signal: AbortSignal): Promise<void> {
    const { promise: ended, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    if (this.gate) await Promise.race([this.gate.promise, ended]);
    this.lines.push(...messages.map(({ line }) => line.toString()));
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.resolve();
  }
}

const writer = (sender: LogSender, options: Partial<RemoteWriterOptions> = {}) =>
  new RemoteWriter({
    ...{ sender, cache: null, clock: () => 0n, lossy: null, closeTimeoutMs: 10_000 },
    onError: (error) => expect.unreachable(error.message),
    ...options,
  });

test('lines come in order, without their newlines, the unfinished one at the end', async () => {
  const sender = new FakeSender();
  const log = writer(sender);
  void log.write('stdout', Buffer.from('a\nb'));
  void log.write('stderr', Buffer.from('x\n'));
  void log.write('stdout', Buffer.from('c\nd'));
  await log.close();
  expect(sender.lines).toEqual(['a', 'x', 'bc', 'd']);
  expect(sender.closed).toBe(true);
});

test('blocking: whoever writes waits for a slow server, and nothing is lost', async () => {
  const sender = new FakeSender();
  sender.gate = Promise.withResolvers();
  const log = writer(sender);
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
  const waiting = log.write('stdout', Buffer.from(`${lines.join('\n')}\n`));
  expect(waiting).toBeInstanceOf(Promise);
  sender.gate.resolve();
  await waiting;
  await log.close();
  expect(sender.lines).toEqual(lines);
});

test('non-blocking: a slow server loses lines, nobody waits', async () => {
  const sender = new FakeSender();
  sender.gate = Promise.withResolvers();
  const log = writer(sender, { lossy: { bytes: 100, lines: Number.POSITIVE_INFINITY } });
  const text = Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join('');
  expect(log.write('stdout', Buffer.from(text))).toBeUndefined();
  sender.gate.resolve();
  await log.close();
  expect(sender.lines.length).toBeGreaterThan(5);
  expect(sender.lines.length).toBeLessThan(30);
});

test('a server that never takes the rest does not hold the end up', async () => {
  const sender = new FakeSender();
  sender.gate = Promise.withResolvers();
  const errors: string[] = [];
  const log = writer(sender, { closeTimeoutMs: 10, onError: (error) => errors.push(error.message) });
  void log.write('stdout', Buffer.from('a\nb\n'));
  await log.close();
  expect(sender.lines).toEqual([]);
  expect(errors).toEqual(['the container has ended']);
});

test('100,000 lines over TCP while the server pauses: all arrive', async () => {
  await using server = await streamServer();
  const sender = await SyslogSender.create(testInfo({ 'syslog-address': `tcp://127.0.0.1:${server.port}` }));
  await sender.open(new AbortController().signal);
  const log = writer(sender);
  server.pause(true);
  for (let i = 0; i < 100; i++) {
    if (i === 50) server.pause(false);
    const lines = Array.from({ length: 1000 }, (_, k) => `${i * 1000 + k}\n`).join('');
    const waiting = log.write('stdout', Buffer.from(lines));
    if (i >= 50) await waiting;
  }
  await log.close();
  await server.until((text) => text.endsWith(': 99999\n'));
  const numbers = server.text().trimEnd().split('\n').map((line) => Number(line.split(': ')[1])); // prettier-ignore
  expect(numbers).toEqual(Array.from({ length: 100_000 }, (_, i) => i));
});
