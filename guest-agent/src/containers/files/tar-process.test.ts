import { expect, test } from 'vitest';
import { renamed } from './tar-process.ts';

test.each([
  ['', 's,^\\./,,S'],
  ['d', 's,^\\.$,d,S;s,^\\./,d/,S'],
  ['/', 's,^\\.$,/,S;s,^\\./,/,S'],
  ['a,b&c\\', 's,^\\.$,a\\,b\\&c\\\\,S;s,^\\./,a\\,b\\&c\\\\/,S'],
])('%j becomes a sed expression', (name, expected) => {
  expect(renamed(name)).toBe(expected);
});
