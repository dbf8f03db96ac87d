import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { JsonFile } from './json-store.ts';
import { readLayered } from './layered-files.ts';
import { resolveInRoot } from './rooted-path.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'berth-storage-'));
});
afterEach(() => rm(dir, { recursive: true }));
const at = (...parts: string[]) => path.join(dir, ...parts);
const put = async (file: string, text: string) => {
  await mkdir(path.dirname(at(file)), { recursive: true });
  await writeFile(at(file), text);
};

describe('a JSON document on disk', () => {
  test('is written and read, and leaves nothing beside it', async () => {
    const file = new JsonFile<{ a: number }>(at('x.json'), 3);
    expect(await file.read()).toBeNull();
    file.write({ a: 1 });
    file.write({ a: 2 }, { durable: true });
    expect(await file.read()).toEqual({ a: 2 });
    expect(await readdir(dir)).toEqual(['x.json']);
  });
  test('of another layout is refused', async () => {
    new JsonFile(at('x.json'), 3).write({});
    await expect(new JsonFile(at('x.json'), 4).read()).rejects.toThrow('layout version 3, expected 4');
  });
});

describe('files of stacked layers', () => {
  const read = (file: string) => readLayered([at('top'), at('middle'), at('bottom')], file);

  test('the topmost decides, folders merge', async () => {
    await put('bottom/etc/passwd', 'old');
    await put('top/etc/passwd', 'new');
    await put('bottom/etc/group', 'group');
    expect(await read('/etc/passwd')).toBe('new');
    expect(await read('/etc/group')).toBe('group');
    expect(await read('/etc/nope')).toBeNull();
    expect(await read('/etc')).toBeNull();
  });
  test('links stay inside, also absolute ones and those that lead up', async () => {
    await put('bottom/data/real', 'inside');
    await mkdir(at('top/etc'), { recursive: true });
    await symlink('/data/real', at('top/etc/absolute'));
    await symlink('../../../../data/real', at('top/etc/up'));
    await symlink('loop', at('top/etc/loop'));
    expect(await read('/etc/absolute')).toBe('inside');
    expect(await read('/etc/up')).toBe('inside');
    expect(await read('/etc/loop')).toBeNull();
  });
  test.skipIf(process.getuid?.() !== 0)('a whiteout hides what is below (making one needs root)', async () => {
    await put('bottom/etc/passwd', 'old');
    await mkdir(at('top/etc'), { recursive: true });
    execFileSync('mknod', [at('top/etc/passwd'), 'c', '0', '0']);
    expect(await read('/etc/passwd')).toBeNull();
  });
});

test('a path resolved in a root never leaves it', async () => {
  await put('root/data/file', 'x');
  await symlink('/data', at('root/link'));
  await symlink('../../..', at('root/data/up'));
  expect(await resolveInRoot(at('root'), '/link/file')).toBe(at('root/data/file'));
  expect(await resolveInRoot(at('root'), '/data/up/data/file')).toBe(at('root/data/file'));
  expect(await resolveInRoot(at('root'), '../../data/file')).toBe(at('root/data/file'));
  expect(await resolveInRoot(at('root'), '/nope')).toBeNull();
});
