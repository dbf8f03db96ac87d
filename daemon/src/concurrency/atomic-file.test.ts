import { readdir, readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { scratchDir } from '../vm/testing/scratch-dir.ts';
import { writeFileAtomically } from './atomic-file.ts';

test('replaces the contents, keeps the file private and leaves no draft', async () => {
  await using dir = await scratchDir();
  await writeFileAtomically(dir.file('f'), 'one');
  await writeFileAtomically(dir.file('f'), 'two');
  expect(await readFile(dir.file('f'), 'utf8')).toBe('two');
  expect((await stat(dir.file('f'))).mode & 0o777).toBe(0o600);
  expect(await readdir(dir.path)).toEqual(['f']);
});

test('leaves no draft when the file cannot be replaced', async () => {
  await using dir = await scratchDir();
  await writeFileAtomically(dir.file('f'), 'one');
  await expect(writeFileAtomically(dir.path, 'x')).rejects.toThrow(`${dir.path} cannot be written (`);
  expect(await readdir(dir.path)).toEqual(['f']);
});
