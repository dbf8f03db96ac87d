import { readFile, readlink, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { scratchDir } from '../vm/testing/scratch-dir.ts';
import {
  disableLoginItem,
  enableLoginItem,
  loginItemFor,
  type LoginItemQuestion,
  loginItemState,
} from './login-item.ts';

const question: LoginItemQuestion = {
  ...{ platform: 'linux', homedir: '/home/me', configHome: null, appData: null, searchPath: null },
  ...{ program: ['/opt/node', '/opt/berth.js'], home: '/home/me/.berth' },
};
const itemOf = (changes: Partial<LoginItemQuestion>) => loginItemFor({ ...question, ...changes });

test.each([
  [{ platform: 'linux' }, '/home/me/.config/systemd/user/berth.service'],
  [{ platform: 'linux', configHome: '/cfg' }, '/cfg/systemd/user/berth.service'],
  [{ platform: 'darwin', homedir: '/Users/me' }, '/Users/me/Library/LaunchAgents/dev.berth.up.plist'],
  [
    { platform: 'win32', homedir: 'C:\\Users\\me' },
    'C:\\Users\\me\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\berth.cmd',
  ],
  [
    { platform: 'win32', appData: 'D:\\data' },
    'D:\\data\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\berth.cmd',
  ],
])('with %j it is %s', (changes, file) => {
  expect(itemOf(changes)?.file).toBe(file);
});

test('elsewhere there is none', () => {
  expect(itemOf({ platform: 'aix' })).toBeNull();
});

test("launchd's list has every argument, whatever is in it", () => {
  const { content } = itemOf({ platform: 'darwin', program: ['/a & b/node'], home: '/Users/<me>/.berth' })!;
  const strings = [...content.matchAll(/<string>(.*)<\/string>/g)].map((match) => match[1]);
  expect(strings).toEqual([
    ...['dev.berth.up', '/a &amp; b/node', 'up', '--home', '/Users/&lt;me&gt;/.berth'],
    ...['Interactive', '/Users/&lt;me&gt;/.berth/login.log'],
  ]);
  expect(content).toMatch(/<key>RunAtLoad<\/key>\s*<true\/>\s*<key>AbandonProcessGroup<\/key>\s*<true\/>/);
});

test("systemd's unit quotes what systemd would read", () => {
  const { content } = itemOf({ program: ['/a b/node', '100%', '$HOME', 'q"\\'], home: '/h' })!;
  expect(content).toContain('ExecStart="/a b/node" "100%%" "$$HOME" "q\\"\\\\" "up" "--home" "/h"\n');
  expect(content).toContain('ExecStop="/a b/node" "100%%" "$$HOME" "q\\"\\\\" "down" "--home" "/h"\n');
});

test('programs that login finds nowhere else are found', () => {
  const searchPath = '/opt/homebrew/bin:/usr/bin';
  expect(itemOf({ searchPath })?.content).toContain(`\nEnvironment="PATH=${searchPath}"\n`);
  expect(itemOf({ platform: 'darwin', searchPath })?.content).toMatch(
    /<key>PATH<\/key>\s*<string>\/opt\/homebrew\/bin:\/usr\/bin<\/string>/,
  );
});

test("Windows' command file quotes every argument", () => {
  const { content } = itemOf({ platform: 'win32', program: ['C:\\Program Files\\node.exe', '100%'] })!;
  expect(content).toBe('@start "berth" /min "C:\\Program Files\\node.exe" "100%%" "up" "--home" "/home/me/.berth"\r\n');
});

test('it is enabled, seen to be another, replaced and disabled', async () => {
  await using dir = await scratchDir();
  const item = itemOf({ configHome: dir.path })!;
  expect(await loginItemState(item)).toBe('disabled');
  await enableLoginItem(item);
  await enableLoginItem(item);
  expect(await loginItemState(item)).toBe('enabled');
  expect(await readFile(item.file, 'utf8')).toBe(item.content);
  expect(await readlink(item.link!)).toBe(item.file);
  const moved = itemOf({ configHome: dir.path, home: '/elsewhere' })!;
  expect(await loginItemState(moved)).toBe('different');
  await enableLoginItem(moved);
  expect(await loginItemState(moved)).toBe('enabled');
  await disableLoginItem(moved);
  await disableLoginItem(moved);
  expect(await loginItemState(moved)).toBe('disabled');
  await expect(stat(item.link!)).rejects.toThrow('ENOENT');
});
