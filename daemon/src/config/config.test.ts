import { mkdir, stat, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { scratchDir } from '../vm/testing/scratch-dir.ts';
import { readEngineConfig } from './engine-config.ts';
import { makeHome, pathsOf } from './paths.ts';
import { readSettingsFile, updateSettingsFile, withDefaults } from './settings-file.ts';

test.each([
  ['{"cpus": "four"}', 'cpus: expected an integer from 1 to 256, got "four"'],
  ['{"cpus": 0}', 'cpus: expected an integer from 1 to 256, got 0'],
  ['{"memoryMiB": 1.5}', 'memoryMiB: expected an integer from 256 to 1048576, got 1.5'],
  ['{"memory": 1}', 'unknown key "memory"'],
  ['{"architecture": "riscv64"}', 'architecture: expected amd64 or arm64, got "riscv64"'],
  ['{"userSocket": "no"}', 'userSocket: expected true or false, got "no"'],
  ['[]', 'expected an object, got []'],
  ['{', 'not valid JSON'],
])('settings.json %s: %s', async (text, problem) => {
  await using dir = await scratchDir();
  await writeFile(dir.file('settings.json'), text);
  const error: unknown = await readSettingsFile(dir.file('settings.json')).catch((caught: unknown) => caught);
  expect(String(error)).toContain(`${dir.file('settings.json')}: ${problem}`);
  expect(String(error)).not.toContain('\n');
});

test('settings that are missing have defaults, and changes keep the rest', async () => {
  await using dir = await scratchDir();
  const file = dir.file('settings.json');
  expect(await readSettingsFile(file)).toEqual({});
  await updateSettingsFile(file, { cpus: 3 });
  await updateSettingsFile(file, { driver: 'qemu', cpus: undefined });
  expect(await readSettingsFile(file)).toEqual({ cpus: 3, driver: 'qemu' });
  const settings = withDefaults(await readSettingsFile(file));
  expect(settings).toMatchObject({ cpus: 3, driver: 'qemu', diskGiB: 64 });
  expect(Object.isFrozen(settings)).toBe(true);
});

test.each([
  ['{"dns": "1.1.1.1"}', 'dns: expected a list of strings, got "1.1.1.1"'],
  ['{"dns": ["1.1.1.1", 2]}', 'dns.1: expected a string, got 2'],
  ['{"debug": "yes"}', 'debug: expected true or false, got "yes"'],
  ['{"raw-logs": false}', 'raw-logs: expected no such key, since berth does not have this yet, got false'],
  ['{"no-such-key": 1}', 'unknown key "no-such-key"'],
  ['{"data-root": "/x"}', 'data-root: expected no such key, since the machine sets this itself, got "/x"'],
])('daemon.json %s: %s', async (text, problem) => {
  await using dir = await scratchDir();
  await writeFile(dir.file('daemon.json'), text);
  await expect(readEngineConfig(dir.file('daemon.json'))).rejects.toThrow(`${dir.file('daemon.json')}: ${problem}`);
});

test('daemon.json with known keys is taken as it is', async () => {
  await using dir = await scratchDir();
  const config = { dns: ['1.1.1.1'], 'log-opts': { 'max-size': '10m' }, bip: '172.30.0.1/16', mtu: 1400 };
  await writeFile(dir.file('daemon.json'), JSON.stringify(config));
  expect(await readEngineConfig(dir.file('daemon.json'))).toEqual(config);
});

test('the home is private, even if it was not', async () => {
  await using dir = await scratchDir();
  const paths = pathsOf({ flag: dir.file('home'), berthHome: '/elsewhere' });
  await mkdir(paths.home, { mode: 0o755 });
  await makeHome(paths);
  expect((await stat(paths.home)).mode & 0o777).toBe(0o700);
  expect(paths.dockerHost).toBe(`unix://${dir.file('home')}/docker.sock`);
});

test('a home whose sockets would have too long a path is refused', () => {
  expect(() => pathsOf({ flag: `/tmp/${'x'.repeat(100)}`, berthHome: null })).toThrow(/has 118 bytes.*may have \d+ on/);
});

test('a home that cannot be made is named', async () => {
  await using dir = await scratchDir();
  await writeFile(dir.file('file'), '');
  const paths = pathsOf({ flag: dir.file('file/home'), berthHome: null });
  await expect(makeHome(paths)).rejects.toThrow('cannot be made (ENOTDIR)');
});
