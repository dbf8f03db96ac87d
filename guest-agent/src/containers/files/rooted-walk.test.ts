import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeTree } from './remove-tree.ts';
import { inFolder, RootedWalk } from './rooted-walk.ts';

let scratch: string;
let root: string;
beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'walk-'));
  root = path.join(scratch, 'root');
  await mkdir(path.join(root, 'etc/deep'), { recursive: true });
  await writeFile(path.join(root, 'etc/file'), 'inside');
  await writeFile(path.join(scratch, 'file'), 'outside');
});
afterEach(() => rm(scratch, { recursive: true }));

const follow = { followLast: true };
const link = (target: string, name: string) => symlink(target, path.join(root, name));

test('links and .. stay inside', async () => {
  await link('/etc', 'absolute');
  await link('../../../../etc', 'climbing');
  await link('../../file', 'etc/out');
  await using walk = await RootedWalk.open(root);
  expect((await walk.to('/absolute/file', follow)).path).toBe('/etc/file');
  expect((await walk.to('/climbing/file', follow)).path).toBe('/etc/file');
  await expect(walk.to('/etc/out', follow)).rejects.toMatchObject({ reason: 'missing' });
  expect((await walk.to('../../..', follow)).path).toBe('/');
});

test('says what is wrong with a path', async () => {
  await link('/loop', 'loop');
  await using walk = await RootedWalk.open(root);
  await expect(walk.to('/loop/x', follow)).rejects.toMatchObject({ reason: 'loop' });
  await expect(walk.to('/etc/file/x', follow)).rejects.toMatchObject({ reason: 'not-a-directory' });
  await expect(walk.to('/etc/none', follow)).rejects.toMatchObject({ reason: 'missing' });
  expect(await walk.to('/loop', { followLast: false })).toMatchObject({ name: 'loop', path: '/loop' });
});

test('makes missing folders, also where a link leads', async () => {
  await link('/new/place', 'dangling');
  await using walk = await RootedWalk.open(root);
  const { path: made } = await walk.to('/dangling/sub', { followLast: true, makeFolders: true });
  expect(made).toBe('/new/place/sub');
});

test('a folder swapped for a link after it was opened leads nowhere else', async () => {
  await using walk = await RootedWalk.open(root);
  const { folder } = await walk.to('/etc', follow);
  await rename(path.join(root, 'etc'), path.join(root, 'moved'));
  await link('..', 'etc');
  expect(await readFile(inFolder(folder, 'file'), 'utf8')).toBe('inside');
});

test('folders that are swapped for links all the time never lead out', async () => {
  await using walk = await RootedWalk.open(root);
  let stop = false;
  const swapping = (async () => {
    while (!stop) {
      await rename(path.join(root, 'etc'), path.join(root, 'moved'));
      await link(scratch, 'etc');
      await unlink(path.join(root, 'etc'));
      await rename(path.join(root, 'moved'), path.join(root, 'etc'));
    }
  })();
  for (let i = 0; i < 300; i++) {
    const place = await walk.to('/etc/file', follow).catch(() => null);
    if (place?.name === 'file') {
      const text = await readFile(inFolder(place.folder, 'file'), 'utf8');
      expect(text).toBe('inside');
    }
  }
  stop = true;
  await swapping;
});

test('removing a tree leaves alone what links in it point at', async () => {
  await link(scratch, 'etc/deep/out');
  await removeTree(path.join(root, 'etc'));
  expect(await readdir(root)).toEqual([]);
  expect(await readFile(path.join(scratch, 'file'), 'utf8')).toBe('outside');
});
