import { mkdir, mkdtemp, readFile, readdir, rm, rmdir, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JsonFileWriter } from './json-file-writer.ts';
import { LogReader } from './log-reader.ts';
import type { FileSettings } from './log-settings.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'berth-log-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const plain: FileSettings = { maxBytes: 300, maxFiles: 3, compress: false, attributes: {}, lossyBytes: null };
const file = () => path.join(dir, 'log');
const writer = (settings: Partial<FileSettings> = {}) =>
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
  for await (const block of reader.blocks()) found.push(...block.map(({ line }) => line));
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

test('a rotation that fails loses nothing, and the next one works', async () => {
  const errors: string[] = [];
  const settings = { ...plain, maxFiles: 2 };
  const clock = () => 1_000_000_000n;
  const log = new JsonFileWriter({ path: file(), clock, settings, onError: (error) => errors.push(error.message) });
  await mkdir(`${file()}.1`);
  void write(log, 0, 10);
  void write(log, 10, 20);
  await expect.poll(async () => (await readFile(file(), 'utf8')).split('\n')).toHaveLength(21);
  expect(errors).toHaveLength(1);
  expect(await readdir(dir)).toEqual(['log', 'log.1']);
  await rmdir(`${file()}.1`);
  void write(log, 20, 21);
  await log.close();
  expect(await read()).toEqual(lines(0, 21));
  expect(log.rotations).toBe(1);
});

test('a disk that is full loses lines, and the log goes on when there is room again', async () => {
  const errors: string[] = [];
  const settings = { ...plain, maxBytes: 1 };
  await symlink('/dev/full', file());
  const clock = () => 1_000_000_000n;
  const log = new JsonFileWriter({ path: file(), clock, settings, onError: (error) => errors.push(error.message) });
  void write(log, 0, 3);
  await written(log);
  expect(errors).toEqual(['ENOSPC: no space left on device, write']);
  expect(log.rotations).toBe(0);
  await log.close();
});

/** Resolves when what was written so far has been dealt with. */
const written = (log: JsonFileWriter): Promise<void> =>
  new Promise((resolve) => {
    const off = log.onChange(() => (off(), resolve()));
  });
