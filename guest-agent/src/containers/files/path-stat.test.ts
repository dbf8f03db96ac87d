import { expect, test } from 'vitest';
import { goFileMode } from './path-stat.ts';

test.each([
  ['a file', 0o100644, 420],
  ['a folder', 0o040755, 2147484141],
  ['a sticky folder', 0o041777, 2148532735],
  ['a link', 0o120777, 134218239],
  ['a character device', 0o020666, 69206454],
  ['a setuid program', 0o104755, 8389101],
])('%s has the mode that Go gives it', (_, mode, expected) => {
  expect(goFileMode(mode)).toBe(expected);
});
