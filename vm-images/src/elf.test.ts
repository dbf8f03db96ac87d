import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readElf, stripElf } from './elf.ts';

// The program that runs this test: on Linux an ELF file that wants the C library.
const isElf = process.platform === 'linux' && readElf(readFileSync(process.execPath)) !== null;

test.skipIf(!isElf)('a stripped program is smaller, wants the same libraries and still runs', () => {
  const original = readFileSync(process.execPath);
  const stripped = stripElf(original);
  expect(stripped.length).toBeLessThanOrEqual(original.length);
  expect(readElf(stripped)?.needed).toEqual(readElf(original)?.needed);
  expect(readElf(stripped)?.needed.some((library) => library.startsWith('libc.'))).toBe(true);

  const directory = mkdtempSync(path.join(tmpdir(), 'berth-elf-'));
  try {
    const program = path.join(directory, 'node');
    writeFileSync(program, stripped, { mode: 0o755 });
    expect(execFileSync(program, ['-p', '6*7'], { encoding: 'utf8' })).toBe('42\n');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('what is no ELF file stays as it is', () => {
  const text = Buffer.from('#!/bin/sh\n');
  expect(readElf(text)).toBeNull();
  expect(stripElf(text)).toBe(text);
});
