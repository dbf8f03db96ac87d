import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { scratchDir } from '../../testing/scratch-dir.ts';
import { LinkKeeper } from './link-keeper.ts';
import { Wsl } from './wsl.ts';

test('a link that ends is not opened again into a distribution that has ended: that would start it anew', async () => {
  await using dir = await scratchDir();
  await writeFile(dir.file('wsl.exe'), `#!/bin/sh\necho started >>${dir.file('starts')}\n`, { mode: 0o755 });
  const answers = [true, false];
  const asked = Promise.withResolvers<void>();
  const isWanted = async () => {
    const answer = answers.shift();
    if (answer === undefined) asked.resolve();
    return answer ?? Promise.reject(new Error('cannot be told'));
  };
  await using _ = new LinkKeeper({ wsl: new Wsl(dir.file('wsl.exe')), distribution: 'machine', isWanted });
  await asked.promise;
  expect(await readFile(dir.file('starts'), 'utf8')).toBe('started\n');
});
