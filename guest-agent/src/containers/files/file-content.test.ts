import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeContent } from './file-content.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'berth-content-'));
});
afterEach(() => rm(dir, { recursive: true }));

const write = async (chunks: Buffer[]): Promise<string> => {
  const file = path.join(dir, 'file');
  await using handle = await open(file, 'wx');
  await writeContent(handle, Readable.from(chunks));
  return file;
};
const random = (size: number) => Buffer.from(Array.from({ length: size }, (_, i) => (i * 7919) % 251));

test('all of it, in order', async () => {
  const chunks = Array.from({ length: 100 }, (_, i) => random(40_000 + i));
  expect((await readFile(await write(chunks))).equals(Buffer.concat(chunks))).toBe(true);
});

test('zeros are holes, also at the end', async () => {
  const zeros = Array.from({ length: 400 }, () => Buffer.alloc(64 * 1024));
  const file = await write([random(5000), ...zeros, random(10), Buffer.alloc(3), ...zeros]);
  const { size, blocks } = await stat(file);
  expect(size).toBe(5000 + 10 + 3 + 2 * 400 * 64 * 1024);
  expect(blocks * 512).toBeLessThan(200_000);
  const content = await readFile(file);
  expect(content.subarray(0, 5000).equals(random(5000))).toBe(true);
  expect(content.subarray(5000 + 400 * 65_536, 5010 + 400 * 65_536).equals(random(10))).toBe(true);
});

test('nothing makes an empty file', async () => {
  expect((await stat(await write([]))).size).toBe(0);
});

test('an error of the source is the error, and nothing is written afterwards', async () => {
  const source = async function* () {
    yield random(2_000_000);
    await Promise.resolve();
    throw new Error('broken off');
  };
  await using handle = await open(path.join(dir, 'broken'), 'wx');
  await expect(writeContent(handle, Readable.from(source()))).rejects.toThrow('broken off');
});
