import { expect, test } from 'vitest';
import { scratchDir } from '../../testing/scratch-dir.ts';
import { folderArgs } from './args/folders.ts';
import { qemuFiles } from './files.ts';
import { folderDevices, folderKinds } from './folders.ts';

test.each([
  ['linux', ['virtiofs', '9p']],
  ['darwin', ['9p']],
  ['win32', []],
])('on %s QEMU shows folders by %j', (platform, kinds) => {
  expect(folderKinds(platform)).toEqual(kinds);
});

test('QEMU itself shows folders by 9p, with no memory to share', async () => {
  await using dir = await scratchDir();
  const folders = [{ id: '0a1', folder: '/Users/me/a, b' }];
  const devices = await folderDevices({ kind: '9p', folders }, qemuFiles(dir.file('')));
  expect(folderArgs(devices, 512)).toEqual([
    ...['-fsdev', 'local,id=folder-0a1,path=/Users/me/a,, b,security_model=none,multidevs=remap'],
    ...['-device', 'virtio-9p-pci,fsdev=folder-0a1,mount_tag=0a1'],
  ]);
});
