import { mkdir, mkdtemp, realpath, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HostFiles, NotSharedError } from './host-files.ts';
import { hostPath } from './host-path.ts';

test.each([
  ['C:\\Users\\me', 'C:\\Users\\me'],
  ['c:/Users/me/', 'C:\\Users\\me'],
  ['/c/Users/me', 'C:\\Users\\me'],
  ['//c/Users/me', 'C:\\Users\\me'],
  ['/mnt/c/Users/me', 'C:\\Users\\me'],
  ['/host_mnt/c/Users/me', 'C:\\Users\\me'],
  ['/run/desktop/mnt/host/c/Users/me', 'C:\\Users\\me'],
  ['C:\\a\\..\\b', 'C:\\b'],
  ['C:\\', 'C:\\'],
  ['/c', 'C:\\'],
  ['D:', 'D:\\'],
  ['\\\\server\\share\\folder', '\\\\server\\share\\folder'],
  ['//server/share/folder', '\\\\server\\share\\folder'],
  ['\\\\server', null],
  ['\\\\.\\pipe\\x', null],
  ['\\\\?\\C:\\x', null],
  ['relative\\folder', null],
  ['/home/me', null],
])('on Windows %s is %s', (source, path) => expect(hostPath(source, 'win32')).toBe(path));

test.each([
  ['/home/me', '/home/me'],
  ['/home/me/../you/', '/home/you'],
  ['home', null],
  ['C:\\Users', null],
])('elsewhere %s is %s', (source, path) => expect(hostPath(source, 'linux')).toBe(path));

let root: string;
let files: HostFiles;
beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'berth-')));
  await mkdir(path.join(root, 'share/inner'), { recursive: true });
  await mkdir(path.join(root, 'other'));
  await symlink('inner', path.join(root, 'share/in'));
  await symlink('../other', path.join(root, 'share/out'));
  await symlink('share', path.join(root, 'alias'));
  const folders = async () => [path.join(root, 'alias'), path.join(root, 'missing')];
  files = new HostFiles({ folders, attributesDir: path.join(root, 'attributes'), settingsFile: '/home/settings.json' });
});
afterAll(() => rm(root, { recursive: true }));

const locate = async (name: string) => {
  const found = await files.locate(path.join(root, name), { create: false });
  return found && { path: found.path, exists: found.exists };
};

test.each([
  ['share', { path: '', exists: true }],
  ['alias/inner', { path: 'inner', exists: true }],
  ['share/in/new/deep', { path: 'inner/new/deep', exists: false }],
  ['share/out', null],
  ['share/out/new', null],
  ['share/../other', null],
  ['other', null],
  ['missing/x', null],
  ['sharex', null],
])('%s is found in the share as %j, by where it really is', async (name, found) => {
  expect(await locate(name)).toEqual(found);
});

test('makes what is missing only where that is asked', async () => {
  const source = path.join(root, 'share/made/deep');
  expect(await files.locate(source, { create: true })).toMatchObject({ path: 'made/deep', exists: true });
  expect((await stat(source)).isDirectory()).toBe(true);
  expect(await files.locate(path.join(root, 'other/made'), { create: true })).toBe(null);
  await expect(stat(path.join(root, 'other/made'))).rejects.toThrow('ENOENT');
});

test('a refusal says how to share it', async () => {
  const folder = path.join(root, 'share');
  expect(await files.refusal('/opt')).toBe(
    `/opt is not shared with the machine (only these folders are: ${folder}); add it to "shares" in /home/settings.json`,
  );
});

test('a share that is none (any more) is not served', async () => {
  const connect = () => Promise.reject(new Error('nobody connects'));
  await expect(files.serve('0123456789ab', { connect, report: async () => undefined })).rejects.toThrow(NotSharedError);
});
