import { expect, test } from 'vitest';
import { parseMountTable } from '../../storage/mount-table.ts';
import { mountOf } from './propagation.ts';

const table = parseMountTable(
  [
    '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
    '30 22 0:20 / /mnt/a\\040b rw master:3 - tmpfs tmpfs rw',
    '31 22 0:21 / /mnt rw - tmpfs tmpfs rw',
    '32 22 0:22 / /mnt rw shared:9 master:1 - tmpfs over rw',
    '',
  ].join('\n'),
);

test.each([
  ['/etc/passwd', { mountPoint: '/', fsType: 'ext4', isShared: true, isSlave: false }],
  ['/mnt/a b/c', { mountPoint: '/mnt/a b', fsType: 'tmpfs', isShared: false, isSlave: true }],
  ['/mnt/other', { mountPoint: '/mnt', fsType: 'tmpfs', isShared: true, isSlave: true }],
  ['/mntother', { mountPoint: '/', fsType: 'ext4', isShared: true, isSlave: false }],
])('finds the mount that %s lies on', (path, mount) => {
  expect(mountOf(table, path)).toMatchObject({ ...mount, superOptions: 'rw' });
});
