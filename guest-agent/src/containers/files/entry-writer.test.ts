import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Header } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EntryWriter, type EntryWriterOptions } from './entry-writer.ts';
import { RootedWalk } from './rooted-walk.ts';

let scratch: string;
let root: string;
beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'berth-entries-'));
  root = path.join(scratch, 'root');
  await mkdir(path.join(root, 'target'), { recursive: true });
});
afterEach(() => rm(scratch, { recursive: true }));

interface Given extends Partial<Header> {
  name: string;
  text?: string;
}
const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];

async function write(entries: Given[], options: Partial<EntryWriterOptions> = {}, mounts: string[][] = []) {
  await using walk = await RootedWalk.open(root);
  for (const [at, source] of mounts) {
    const isFolder = (await stat(source as string)).isDirectory();
    walk.mount(at as string, { source: source as string, isFolder });
  }
  const writer = new EntryWriter(walk, {
    ...{ noOverwriteDirNonDir: false, owner: null, identity: null, target: '/target' },
    ...options,
  });
  try {
    for (const { text = '', ...given } of entries) {
      const type = given.type ?? (given.name.endsWith('/') ? 'directory' : 'file');
      const mode = type === 'directory' ? 0o755 : 0o644;
      const header = { mode, uid, gid, mtime: new Date(1000), size: text.length, ...given, type } as Header;
      const content = Readable.from(text === '' ? [] : [Buffer.from(text)]);
      await writer.write({ header, content, attributes: null });
    }
    await writer.finish();
  } finally {
    await writer.settled();
  }
}
const inRoot = (name: string) => path.join(root, name);
const read = (name: string) => readFile(inRoot(name), 'utf8');

test('small files of a folder, large ones, folders with their times', async () => {
  const large = 'l'.repeat(300_000);
  const small = Array.from({ length: 100 }, (_, i) => ({ name: `d/f${i}`, text: `${i}`, mode: 0o4750 }));
  await write([{ name: 'd/', mtime: new Date(5000) }, ...small, { name: 'd/large', text: large }]);
  expect(await readdir(inRoot('target/d'))).toHaveLength(101);
  expect(await read('target/d/f42')).toBe('42');
  expect(await read('target/d/large')).toBe(large);
  const { mode, mtimeMs } = await stat(inRoot('target/d/f7'));
  expect([mode & 0o7777, mtimeMs]).toEqual([0o4750, 1000]);
  expect((await stat(inRoot('target/d'))).mtimeMs).toBe(5000);
});

test('the same name twice: the later one stays', async () => {
  await write([{ name: 'f', text: 'one' }, { name: 'f', text: 'two' }, { name: 'f', text: 'three' }]); // prettier-ignore
  expect(await read('target/f')).toBe('three');
});

test('links lead through the tree, never out of it', async () => {
  await mkdir(inRoot('elsewhere'));
  await symlink('/elsewhere', inRoot('target/absolute'));
  await symlink(`../../../../..${scratch}`, inRoot('target/climbing'));
  await write([{ name: 'absolute/f', text: 'a' }]);
  await write([{ name: 'climbing/f', text: 'c' }]);
  expect(await read('elsewhere/f')).toBe('a');
  expect(await readdir(scratch)).toEqual(['root']);
  await write([
    { name: 'own', type: 'symlink', linkname: scratch },
    { name: 'own/f', text: 'x' },
  ]);
  expect(await readdir(scratch)).toEqual(['root']);
});

test('hard links, and files after them in the same folder', async () => {
  await write([
    { name: 'd/', type: 'directory' },
    { name: 'd/f', text: 'x' },
    { name: 'h', type: 'link', linkname: 'd/f' },
    { name: 'after', text: 'y' },
  ]);
  expect((await stat(inRoot('target/h'))).ino).toBe((await stat(inRoot('target/d/f'))).ino);
  expect(await read('target/after')).toBe('y');
  await expect(write([{ name: 'bad', type: 'link', linkname: '../../x' }])).rejects.toThrow('invalid hardlink target');
  await expect(write([{ name: '../f' }])).rejects.toThrow('invalid entry name "../f"');
});

test('a folder that gives way to a file, and comes back, is the new one', async () => {
  await write([
    { name: 'd/s/f', text: '1' },
    { name: 'd/s', text: 'file' },
    { name: 'd/s', type: 'directory' },
    { name: 'd/s/g', text: '2' },
  ]);
  expect(await readdir(inRoot('target/d/s'))).toEqual(['g']);
});

test('noOverwriteDirNonDir', async () => {
  await mkdir(inRoot('target/d'));
  await writeFile(inRoot('target/f'), '');
  const options = { noOverwriteDirNonDir: true };
  const [file, folder] = ['cannot overwrite directory "d" with non-directory "/target"', 'cannot overwrite non-directory "f" with directory "/target"']; // prettier-ignore
  await expect(write([{ name: 'd', text: 'x' }], options)).rejects.toThrow(file);
  await expect(write([{ name: 'f/' }], options)).rejects.toThrow(folder);
  await write([{ name: 'd', text: 'x' }]);
  expect(await read('target/d')).toBe('x');
});

test('mounts: what is below goes to their source, they themselves stay', async () => {
  const [volume, file] = [path.join(scratch, 'volume'), path.join(scratch, 'hosts')];
  await mkdir(volume);
  await writeFile(file, 'hosts');
  await mkdir(inRoot('target/v'));
  await writeFile(inRoot('target/hosts'), '');
  const mounts = [
    ['/target/v', volume],
    ['/target/hosts', file],
  ];
  await write([{ name: 'v/', mode: 0o700 }, { name: 'v/f', text: 'x' }], {}, mounts); // prettier-ignore
  expect(await readFile(path.join(volume, 'f'), 'utf8')).toBe('x');
  expect((await stat(volume)).mode & 0o777).toBe(0o700);
  const busy = 'unlinkat /target/hosts: device or resource busy';
  await expect(write([{ name: 'hosts', text: 'x' }], {}, mounts)).rejects.toThrow(busy);
});
