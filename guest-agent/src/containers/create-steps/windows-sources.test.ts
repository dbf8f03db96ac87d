import { expect, test } from 'vitest';
import { hostConfig } from '../../api/engine/host-config.ts';
import { machineBind, withWindowsSources } from './windows-sources.ts';

test.each([
  ['C:\\code:/src', '/mnt/c/code:/src'],
  ['C:\\code:/src:ro', '/mnt/c/code:/src:ro'],
  ['c:/Users/me/../you/:/src:rw,z', '/mnt/c/Users/you:/src:rw,z'],
  ['D:\\:/d', '/mnt/d:/d'],
  ['C:\\with space\\ä:/x', '/mnt/c/with space/ä:/x'],
  ['\\\\server\\share\\folder:/s:ro', '/mnt/unc/server/share/folder:/s:ro'],
  ['/mnt/c/code:/src', '/mnt/c/code:/src'],
  ['//c/Users:/u', '//c/Users:/u'],
  ['volume:/data:ro', 'volume:/data:ro'],
  ['/anonymous', '/anonymous'],
  ['C:/code', 'C:/code'],
])('%s is %s', (bind, expected) => {
  expect(machineBind(bind)).toBe(expected);
});

test('of mounts only the sources of binds are paths', () => {
  const mount = (type: string, source: string) => ({ Type: type, Source: source, Target: '/t' });
  const mounts = [mount('bind', 'C:\\x'), mount('volume', 'C:\\x'), mount('bind', '/x')];
  const given = { ...hostConfig.zero(), Binds: ['C:\\x:/y'], Mounts: mounts as never };
  const { Binds, Mounts } = withWindowsSources(given);
  expect(Binds).toEqual(['/mnt/c/x:/y']);
  expect(Mounts?.map(({ Source }) => Source)).toEqual(['/mnt/c/x', 'C:\\x', '/x']);
});
