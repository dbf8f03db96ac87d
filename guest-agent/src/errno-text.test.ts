import { mkdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { errorText } from './errno-text.ts';

const failed = (work: Promise<unknown>) =>
  work.then(
    () => new Error('it went well'),
    (error: Error) => error,
  );

test('what the system refuses is worded as Go does', async () => {
  expect(errorText(await failed(mkdir('/proc/nowhere')))).toBe('mkdir /proc/nowhere: no such file or directory');
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  expect(errorText(full)).toBe('write: no space left on device');
  expect(errorText(Object.assign(full, { path: '/a, write' }))).toBe('write /a, write: no space left on device');
});

test('other errors say what they say', () => {
  expect(errorText(new Error('a: b'))).toBe('a: b');
  expect(errorText(Object.assign(new Error('x'), { code: 'ERR_X' }))).toBe('x');
});
