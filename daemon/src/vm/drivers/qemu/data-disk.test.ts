import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { scratchDir } from '../../testing/scratch-dir.ts';
import { prepareDataDisk } from './data-disk.ts';

const gib = 1024 ** 3;

test('is made sparse, grows, keeps its size, and refuses to shrink', async () => {
  await using dir = await scratchDir();
  const file = dir.file('data.raw');
  await prepareDataDisk(file, 2);
  expect(await stat(file)).toMatchObject({ size: 2 * gib, blocks: 0 });
  await prepareDataDisk(file, 3);
  await prepareDataDisk(file, 3);
  expect((await stat(file)).size).toBe(3 * gib);
  await expect(prepareDataDisk(file, 1)).rejects.toThrow('the data disk has 3 GiB and cannot shrink to 1');
});

test('a folder that cannot be written is said in one line', async () => {
  await expect(prepareDataDisk('/proc/berth/data.raw', 1)).rejects.toThrow(/^the data disk .* cannot be made: .*$/);
});
