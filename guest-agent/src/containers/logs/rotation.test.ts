import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JsonFileWriter } from './json-file-writer.ts';
import { LogReader } from './log-reader.ts';
import type { LogSettings } from './log-settings.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'berth-log-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const plain: LogSettings = { maxBytes: 300, maxFiles: 3, compress: false, attributes: {}, lossyBytes: null };
const file = () => path.join(dir, 'log');
const writer = (settings: Partial<LogSettings> = {}) =>
  new JsonFileWriter({
    path: file(),
    clock: () => 1_000_000_000n,
    settings: { ...plain, ...settings },
    onError: (error) => expect.unreachable(error.message),
  });
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`);
const write = (log: JsonFileWriter, from: number, to: number) =>
  log.write('stdout', Buffer.from(lines(from, to).join('')));

async function read(options: { tail?: number; rotations?: () => number } = {}): Promise<string[]> {
  await using reader = await LogReader.open({ path: file(), tail: -1, rotations: () => 0, ...options });
  return await drain(reader);
}

async function drain(reader: LogReader): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of reader.entries()) found.push(entry.line);
  return found;
}

test('files are named as Docker names them, the oldest goes, a reader sees the rest in order', async () => {
  const log = writer();
  void write(log, 0, 30);
  await log.close();
  expect((await readdir(dir)).sort()).toEqual(['log', 'log.1', 'log.2']);
  const found = await read();
  expect(found).toEqual(lines(30 - found.length, 30));
  expect(found.length).toBeGreaterThan(8);
});

test('compressed ones are read, too, and a tail reaches over them', async () => {
  const log = writer({ compress: true });
  void write(log, 0, 30);
  await log.close();
  expect((await readdir(dir)).sort()).toEqual(['log', 'log.1.gz', 'log.2.gz']);
  for (const tail of [0, 1, 3, 7, 9]) expect(await read({ tail })).toEqual(lines(30 - tail, 30));
  expect((await readdir(dir)).sort()).toEqual(['log', 'log.1.gz', 'log.2.gz']);
});

test.each([1, 3])('a follower goes on across rotations (%i files)', async (maxFiles) => {
  const log = writer({ maxFiles });
  void write(log, 0, 3);
  await log.close();
  const next = writer({ maxFiles });
  await using reader = await LogReader.open({ path: file(), tail: 2, rotations: () => next.rotations });
  expect(await drain(reader)).toEqual(lines(1, 3));
  const found: string[] = [];
  for (let i = 3; i < 40; i++) {
    void write(next, i, i + 1);
    await new Promise<void>((resolve) => {
      const off = next.onChange(() => (off(), resolve()));
    });
    found.push(...(await drain(reader)));
  }
  await next.close();
  expect(found).toEqual(lines(3, 40));
});

test('a single file starts over when it is full', async () => {
  const log = writer({ maxFiles: 1 });
  void write(log, 0, 10);
  await log.close();
  expect(await readdir(dir)).toEqual(['log']);
  expect((await read()).at(-1)).toBe('line 9\n');
});

test('non-blocking: lines are lost rather than anybody held up', async () => {
  const log = writer({ maxBytes: null, lossyBytes: 1000 });
  expect(write(log, 0, 100_000)).toBeUndefined();
  await log.close();
  const found = await read();
  expect(found.length).toBeGreaterThan(5);
  expect(found.length).toBeLessThan(50);
  expect(found).toEqual(lines(0, found.length));
});

test('blocking: whoever writes much waits until it is written', async () => {
  const log = writer({ maxBytes: null });
  await log.write('stdout', Buffer.alloc(2 * 1024 * 1024, `${'x'.repeat(1023)}\n`));
  expect(await read()).toHaveLength(2 * 1024);
  await log.close();
});
