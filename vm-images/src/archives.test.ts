import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { directoryMode, linkMode, programMode, writeCpio } from './cpio.ts';
import { makeTar } from './tar.ts';

const epoch = 1_700_000_000;

test('tar reads the archive back with modes, links and contents', () => {
  const archive = makeTar(
    [
      { name: 'bin/', mode: 0o755 },
      { name: 'bin/tool', mode: 0o755, content: Buffer.from('hello') },
      { name: 'bin/link', mode: 0o777, linkTo: 'tool' },
    ],
    epoch,
  );
  const listing = execFileSync('tar', ['-tvf', '-', '--utc'], { input: archive, encoding: 'utf8' });
  const lines = listing.trim().split('\n');
  expect(lines[0]).toMatch(/^drwxr-xr-x 0\/0 +0 2023-11-14 22:13 bin\/$/);
  expect(lines[1]).toMatch(/^-rwxr-xr-x 0\/0 +5 .* bin\/tool$/);
  expect(lines[2]).toMatch(/^lrwxrwxrwx .* bin\/link -> tool$/);
  expect(execFileSync('tar', ['-xOf', '-', 'bin/tool'], { input: archive, encoding: 'utf8' })).toBe('hello');
});

test('a tar name that does not fit is refused, not cut', () => {
  expect(() => makeTar([{ name: 'x'.repeat(101), mode: 0o644 }], epoch)).toThrow('name too long');
});

test('cpio records are aligned and end with the trailer', () => {
  const archive = writeCpio([
    { name: 'bin', mode: directoryMode, content: Buffer.alloc(0) },
    { name: 'bin/tool', mode: programMode, content: Buffer.from('hello') },
    { name: 'bin/sh', mode: linkMode, content: Buffer.from('tool') },
  ]);
  const text = archive.toString('latin1');
  expect(archive.length % 4).toBe(0);
  for (const match of text.matchAll(/070701/g)) expect(match.index % 4).toBe(0);
  expect(text.slice(0, 22)).toBe(`070701${'1'.padStart(8, '0')}${directoryMode.toString(16).padStart(8, '0')}`);
  expect(text).toContain('TRAILER!!!');
});
