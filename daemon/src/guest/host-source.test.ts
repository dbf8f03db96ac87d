import { expect, test } from 'vitest';
import { hostPath } from '../files/host-path.ts';
import { hostSource } from './host-source.ts';

test.each([
  ['/mnt/c/code', 'C:\\code'],
  ['/mnt/d', 'D:\\'],
  ['/mnt/unc/server/share/folder', '\\\\server\\share\\folder'],
  ['/mnt/unc', null],
])('what the agent makes of a path of Windows, %s, is %s again', (source, expected) => {
  expect(hostPath(hostSource(source, 'win32'), 'win32')).toBe(expected);
});

test('elsewhere there are no such folders', () => {
  expect(hostSource('/mnt/unc/server', 'linux')).toBe('/mnt/unc/server');
});
