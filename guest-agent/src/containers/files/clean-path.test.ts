import { expect, test } from 'vitest';
import { baseName, cleanPath } from './clean-path.ts';

test.each([
  ['etc/passwd', '/etc/passwd', 'passwd'],
  ['/', '/', '/'],
  ['.', '/.', '.'],
  ['./', '/.', '.'],
  ['/./', '/.', '.'],
  ['/d/./', '/d/.', '.'],
  ['/d/', '/d/', 'd'],
  ['/d/.', '/d/.', '.'],
  ['../../etc', '/etc', 'etc'],
  ['/abs/../x', '/x', 'x'],
  ['a//b', '/a/b', 'b'],
  ['/d/..', '/', '/'],
])('%j is %j, called %j', (asked, cleaned, name) => {
  expect(cleanPath(asked)).toBe(cleaned);
  expect(baseName(cleaned)).toBe(name);
});
