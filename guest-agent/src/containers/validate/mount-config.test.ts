import { expect, test } from 'vitest';
import { mount } from '../../api/engine/host-config.ts';
import { parseMount } from '../create-steps/parse-mount.ts';
import { MachineSources } from '../bind-sources.ts';
import { HostPaths } from '../host-paths.ts';
import { validateMount } from './mount-config.ts';

const sources = new MachineSources(new HostPaths('/engine.sock', []), undefined);
const read = (request: object) => mount.decode(request, 'Mount');

test.each([
  [{ Type: 'nope', Target: '/x' }, 'invalid mount config for type "nope": mount type unknown'],
  [{ Type: 'npipe', Target: '/x' }, 'invalid mount config for type "npipe": mount type unknown'],
  [{ Type: 'tmpfs', Target: '' }, 'field Target must not be empty'],
  [{ Type: 'tmpfs', Target: '/x/..' }, "invalid specification: destination can't be '/'"],
  [{ Type: 'tmpfs', Target: '/x', TmpfsOptions: { Options: [['uid', '5']] } }, 'invalid option: uid'],
  [{ Type: 'bind', Target: '/x', Source: '/', BindOptions: { Propagation: 'x' } }, 'invalid propagation mode: x'],
  [{ Type: 'volume', Target: '/x', VolumeOptions: { Subpath: 'a' } }, 'must not set Subpath when using anonymous'],
  [{ Type: 'image', Target: '/x', Source: 'i', ImageOptions: { Subpath: '../a' } }, 'subpath must be a relative path'],
])('%j: %s', async (request, message) => {
  await expect(validateMount(read(request), sources)).rejects.toThrow(message);
});

test('sizes have the largest unit that divides them', () => {
  const optionsOf = (SizeBytes: number) =>
    parseMount(read({ Type: 'tmpfs', Target: '/x/', ReadOnly: true, TmpfsOptions: { SizeBytes, Mode: 448 } }));
  expect(optionsOf(2 * 1024 ** 3)).toMatchObject({ destination: '/x', tmpfsOptions: 'ro,mode=700,size=2g' });
  expect(optionsOf(1536 * 1024).tmpfsOptions).toBe('ro,mode=700,size=1536k');
  expect(optionsOf(1000).tmpfsOptions).toBe('ro,mode=700,size=1000');
});

test('options that exclude each other are remembered for the start to refuse', () => {
  const conflictOf = (ReadOnly: boolean, BindOptions: object) =>
    parseMount(read({ Type: 'bind', Source: '/', Target: '/x', ReadOnly, BindOptions })).conflict;
  expect(conflictOf(false, { ReadOnlyNonRecursive: true })).toBe('!ReadOnly && BindOptions.ReadOnlyNonRecursive');
  expect(conflictOf(true, { ReadOnlyForceRecursive: true })).toBe('');
});
