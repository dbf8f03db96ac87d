import { readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { controlBed } from '../testing/control-bed.ts';
import { engineConfigSchema } from '../config/engine-config.ts';
import { textProblems } from './text-problems.ts';

const places = (text: string) =>
  textProblems(text, engineConfigSchema).map(({ line, column, message }) => `${line}:${column} ${message}`);

test.each([
  ['', []],
  ['{}', []],
  ['{"debug": true}', []],
  ['{\n  "debug": "yes"\n}', ['2:3 debug: expected true or false, got "yes"']],
  ['{\n  "dns": ["1.1.1.1",\n    2]\n}', ['3:5 dns.1: expected a string, got 2']],
  ['{\n  "debug": 1,\n  "no-such": 1\n}', ['2:3 debug: expected true or false, got 1', '3:3 unknown key "no-such"']],
  ['{\n  "debug": true,\n}', ['3:1 property name expected']],
  ['{ "a": 1 // x\n}', ['1:10 invalid comment token']],
  ['[]', ['1:1 expected an object, got []']],
  ['nope', ['1:1 invalid symbol']],
])('daemon.json %j: %j', (text, problems) => expect(places(text)).toEqual(problems));

test('what jsonc lets pass and JSON does not is refused, too', () => {
  for (const text of ['{"a": 01}', '{"a": "\n"}', '\u00a0{}', '{}{}', '{"a": 1e999}x']) {
    expect(textProblems(text, engineConfigSchema), text).not.toEqual([]);
  }
});

test('settings are checked without a change, and applied as a whole', async () => {
  await using bed = await controlBed();
  const { client, paths } = bed;
  expect(await client.call('settings.validate', { settings: { cpus: 2 } })).toEqual({ problem: null });
  for (const [settings, problem] of [
    [{ cpus: 'four' }, 'settings: cpus: expected an integer from 1 to 256, got "four"'],
    [{ cpu: 1 }, 'settings: unknown key "cpu"'],
    [{ shares: ['relative'] }, 'settings: shares.0: expected an absolute path, got "relative"'],
    [{ driver: 'vmware' }, 'settings: driver: expected one of auto, fake, bare, got "vmware"'],
    [{ shareKind: 'nfs' }, 'settings: shareKind: expected sftp, virtiofs, 9p, got "nfs"'],
    [
      { shareKind: 'virtiofs', driver: 'bare' },
      'settings: shareKind: expected "sftp" with the bare driver, got "virtiofs"',
    ],
  ] as const) {
    const malformed = settings as unknown as { cpus: number };
    expect(await client.call('settings.validate', { settings: malformed })).toEqual({ problem });
    await expect(client.call('settings.apply', { settings: malformed, restart: false })).rejects.toThrow(problem);
  }
  expect(existsSync(paths.settings)).toBe(false);
  await client.call('settings.apply', { settings: { cpus: 4, shares: ['/srv'] }, restart: false });
  const answer = await client.call('settings.get', {});
  expect(answer).toMatchObject({ file: { cpus: 4, shares: ['/srv'] }, pending: expect.arrayContaining(['cpus']) });
  const outdated = client.call('settings.apply', { settings: {}, restart: true, base: { cpus: 2, shares: ['/srv'] } });
  await expect(outdated).rejects.toThrow('settings.json has been changed by somebody else meanwhile');
  const base = { shares: ['/srv'], cpus: 4 };
  expect((await client.call('settings.apply', { settings: {}, restart: true, base })).outcome).toBe('applied');
  expect(await readFile(paths.settings, 'utf8')).toBe('{}\n');
});

test.each([true, false])('what each driver can do here is told (virtiofsd: %s)', async (virtiofs) => {
  await using bed = await controlBed({ virtiofs });
  const shareKinds = virtiofs ? ['sftp', 'virtiofs', '9p'] : ['sftp', '9p'];
  const { drivers, effective } = await bed.client.call('settings.get', {});
  expect(effective.shareKind).toBe('sftp');
  expect(drivers).toEqual([
    // It would take neither of them.
    { name: 'auto', honours: ['cpus', 'memoryMiB', 'diskGiB', 'architecture'], shareKinds: ['sftp'] },
    { name: 'fake', honours: ['cpus', 'memoryMiB', 'diskGiB', 'architecture'], shareKinds },
    { name: 'bare', honours: [], shareKinds: [] },
  ]);
});

test('a daemon.json that the engine does not come up with is taken back, and the answer says why', async () => {
  await using bed = await controlBed();
  const { client, paths, machine } = bed;
  const base = '{"debug": true}';
  await writeFile(paths.engineConfig, base);
  machine.failures = ['the engine did not come up: bip is no network'];
  const answer = await client.call('engineConfig.apply', { text: '{"bip": "x"}', base, restart: true });
  expect(answer).toMatchObject({
    outcome: 'restored',
    problem: 'the engine did not come up: bip is no network',
    consoleTail: 'last words',
    status: { state: 'running' },
  });
  expect(machine.calls).toEqual(['stop', 'start', 'start']);
  expect(await readFile(paths.engineConfig, 'utf8')).toBe(base);
  const good = await client.call('engineConfig.apply', { text: '{"debug": false}', base, restart: true });
  expect(good).toMatchObject({ outcome: 'applied', problem: null });
  expect(await readFile(paths.engineConfig, 'utf8')).toBe('{"debug": false}');
  expect(existsSync(`${paths.engineConfig}.before`)).toBe(false);
});

test('a file that was not there is not there again; when neither text works, both reasons are told', async () => {
  await using bed = await controlBed();
  bed.machine.failures = ['first', 'second'];
  const answer = await bed.client.call('engineConfig.apply', { text: '{"bip": "x"}', base: '', restart: true });
  expect(answer).toMatchObject({ outcome: 'restored', problem: 'first; with the old text again: second' });
  expect(answer.status.state).toBe('failed');
  expect(existsSync(bed.paths.engineConfig)).toBe(false);
});

test('a change is refused when it is malformed, outdated, or one of two at once', async () => {
  await using bed = await controlBed();
  const apply = (text: string, base: string) => bed.client.call('engineConfig.apply', { text, base, restart: true });
  await expect(apply('{\n"dns": 1}', '')).rejects.toThrow(
    'daemon.json: line 2, column 1: dns: expected a list of strings, got 1',
  );
  await expect(apply('{}', 'another text')).rejects.toThrow('has been changed by somebody else');
  const both = await Promise.allSettled([apply('{}', ''), apply('{"debug": true}', '')]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('a daemon that was killed while it tried a change out takes it back', async () => {
  await using bed = await controlBed();
  const { engineConfig } = bed.paths;
  await writeFile(engineConfig, '{"bip": "x"}');
  await writeFile(`${engineConfig}.before`, '{"debug": true}');
  expect(await bed.settings.recover()).toEqual([engineConfig]);
  expect(await readFile(engineConfig, 'utf8')).toBe('{"debug": true}');
  expect(await bed.settings.recover()).toEqual([]);
});

test('a machine that does not run takes a change up with its next start', async () => {
  await using bed = await controlBed();
  bed.machine.state = 'stopped';
  const answer = await bed.client.call('engineConfig.apply', { text: '{}', base: '', restart: true });
  expect(answer.outcome).toBe('saved');
  expect(bed.machine.calls).toEqual([]);
});

test('starting at login is told, set up and taken back', async () => {
  await using bed = await controlBed();
  const state = async () => (await bed.client.call('settings.get', {})).startAtLogin;
  expect(await state()).toBe('disabled');
  await bed.client.call('settings.startAtLogin', { enabled: true });
  expect(await state()).toBe('enabled');
  await bed.client.call('settings.startAtLogin', { enabled: false });
  expect(await state()).toBe('disabled');
});
