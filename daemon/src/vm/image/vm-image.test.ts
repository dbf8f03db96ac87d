import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Architecture } from '../architecture.ts';
import { scratchDir, type ScratchDir } from '../testing/scratch-dir.ts';
import { openVmImage } from './vm-image.ts';

const parts = {
  kernel: 'vmlinux',
  initramfs: 'initramfs.cpio',
  root: 'root.img',
  agent: 'agent.img',
  emulator: 'emulator.img',
};

async function writeImage(dir: ScratchDir, added: Record<string, string> = {}): Promise<void> {
  const all = { ...parts, ...added };
  const files = Object.entries(all).map(([part, name]) => {
    const digest = `sha256:${createHash('sha256').update(part).digest('hex')}`;
    return [part, { name, sizeBytes: part.length, digest }];
  });
  for (const [part, name] of Object.entries(all)) await writeFile(dir.file(name), part);
  const manifest = { formatVersion: 1, architecture: 'arm64', files: Object.fromEntries(files) as object };
  await writeFile(dir.file('manifest.json'), JSON.stringify(manifest));
}

const question = (dir: ScratchDir, architecture: Architecture = 'arm64') => ({
  architecture,
  cacheFile: dir.file('check.json'),
});

test('a sound image gives its paths, and is not read again', async () => {
  await using dir = await scratchDir();
  await writeImage(dir);
  expect(await openVmImage(dir.path, question(dir))).toMatchObject({
    kernel: dir.file('vmlinux'),
    root: dir.file('root.img'),
  });
  expect(await openVmImage(dir.path, question(dir))).toMatchObject({ agent: dir.file('agent.img') });
});

test('an image for another processor is refused', async () => {
  await using dir = await scratchDir();
  await writeImage(dir);
  await expect(openVmImage(dir.path, question(dir, 'amd64'))).rejects.toThrow(/is for arm64, not amd64/);
});

test('BuildKit may be in an image or not', async () => {
  await using dir = await scratchDir();
  await writeImage(dir);
  expect((await openVmImage(dir.path, question(dir))).builder).toBeNull();
  await writeImage(dir, { builder: 'builder.img' });
  expect((await openVmImage(dir.path, question(dir))).builder).toBe(dir.file('builder.img'));
  await rm(dir.file('builder.img'));
  await expect(openVmImage(dir.path, question(dir))).rejects.toThrow('builder.img is missing');
});

test.each([
  ['no image', (dir: ScratchDir) => rm(dir.file('manifest.json')), /there is no VM image: .*manifest\.json/],
  ['a broken manifest', (dir: ScratchDir) => writeFile(dir.file('manifest.json'), '{'), /manifest\.json is corrupt/],
  ['a missing file', (dir: ScratchDir) => rm(dir.file('root.img')), /root\.img is missing/],
  ['a cut file', (dir: ScratchDir) => writeFile(dir.file('root.img'), 'ro'), /root\.img has 2 bytes instead of 4/],
  ['changed bytes', (dir: ScratchDir) => writeFile(dir.file('root.img'), 'riot'), /root\.img does not have its/],
])('%s: says which file and what to do', async (_name, damage, message) => {
  await using dir = await scratchDir();
  await writeImage(dir);
  await openVmImage(dir.path, question(dir));
  await damage(dir);
  const opening = openVmImage(dir.path, question(dir));
  await expect(opening).rejects.toThrow(message);
  await expect(openVmImage(dir.path, question(dir))).rejects.toThrow('scripts/setup');
});
