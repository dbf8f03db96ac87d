import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CdiDevices } from './cdi-devices.ts';
import { parseCdiSpec } from './cdi-spec.ts';

let low: string;
let high: string;
beforeEach(async () => {
  [low, high] = [await mkdtemp(path.join(os.tmpdir(), 'cdi-')), await mkdtemp(path.join(os.tmpdir(), 'cdi-'))];
});
afterEach(async () => {
  for (const dir of [low, high]) await rm(dir, { recursive: true, force: true });
});

const spec = (value: string, devices = ['a']) =>
  JSON.stringify({
    cdiVersion: '0.6.0',
    kind: 'example.com/thing',
    containerEdits: { env: ['COMMON=1'] },
    devices: devices.map((name) => ({ name, containerEdits: { env: [`${name.toUpperCase()}=${value}`] } })),
  });

test('a specification’s own edits come once, before its first device’s', async () => {
  await writeFile(path.join(low, 'thing.json'), spec('x', ['a', 'b']));
  const devices = new CdiDevices([low, high]);
  expect((await devices.list()).names).toEqual(['example.com/thing=a', 'example.com/thing=b']);
  expect(await devices.edits(['example.com/thing=b', 'example.com/thing=a'])).toEqual([
    { env: ['COMMON=1'] },
    { env: ['B=x'] },
    { env: ['A=x'] },
  ]);
});

test('YAML, and later folders win', async () => {
  await writeFile(path.join(low, 'thing.json'), spec('low'));
  await writeFile(
    path.join(high, 'thing.yaml'),
    'cdiVersion: 0.6.0\nkind: example.com/thing\ndevices:\n- name: a\n  containerEdits:\n    env: [A=high]\n',
  );
  expect(await new CdiDevices([low, high]).edits(['example.com/thing=a'])).toEqual([{ env: ['A=high'] }]);
});

test('two of a name in one folder are none, and are reported', async () => {
  await writeFile(path.join(low, '1.json'), spec('x'));
  await writeFile(path.join(low, '2.json'), spec('y'));
  const devices = new CdiDevices([low]);
  expect(await devices.list()).toEqual({
    names: [],
    warnings: [
      `CDI: Error associated with spec file ${path.join(low, '2.json')}: conflicting device "example.com/thing=a"`,
    ],
  });
  await expect(devices.edits(['example.com/thing=a', 'b'])).rejects.toThrow(
    'CDI device injection failed: unresolvable CDI devices example.com/thing=a, b',
  );
});

test('a folder that is not there has no devices', async () => {
  expect(await new CdiDevices([path.join(low, 'none')]).list()).toEqual({ names: [], warnings: [] });
});

test.each([
  ['5', 'failed to parse CDI Spec: no object'],
  ['{"cdiVersion":"9.0.0"}', 'invalid version "9.0.0"'],
  ['{"cdiVersion":"0.6.0","kind":"a b/c"}', 'invalid vendor. "a b"'],
  ['{"cdiVersion":"0.6.0","kind":"a/"}', 'invalid class. ""'],
  ['{"cdiVersion":"0.6.0","kind":"a/b"}', 'no devices'],
  ['{"cdiVersion":"0.6.0","kind":"a/b","devices":[{"name":"x"}]}', 'invalid device, empty device edits for "x"'],
])('%s: %s', (text, message) => expect(() => parseCdiSpec(text)).toThrow(message));
