import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { scratchDir } from '../testing/scratch-dir.ts';
import { claimData } from './data-version.ts';

test('data go up with the image, and are not given to an older one', async () => {
  await using dir = await scratchDir();
  const file = dir.file('data-version.json');
  for (const version of [1, 1, 2]) await claimData(file, version);
  await expect(claimData(file, 1)).rejects.toThrow(
    /data are of a newer VM image \(their layout is 2, this image's 1\): update berth .* or start anew with `berth delete`/,
  );
  expect(await readFile(file, 'utf8')).toBe('{"version":2}\n');
});

test.each(['', '{}', '{"version":"2"}'])('a note of %j is told, not guessed', async (text) => {
  await using dir = await scratchDir();
  await writeFile(dir.file('data-version.json'), text);
  await expect(claimData(dir.file('data-version.json'), 1)).rejects.toThrow('data-version.json is damaged: remove it');
});
