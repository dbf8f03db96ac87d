import { expect, test } from 'vitest';
import { parseMountTable } from '../../storage/mount-table.ts';
import { lockedIn } from './locked-options.ts';

const table = parseMountTable(
  [
    '20 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw',
    '21 20 0:20 / /tmp rw,nosuid,nodev,noexec - tmpfs tmpfs rw',
    '22 21 0:21 / /tmp/deep ro,noatime - tmpfs tmpfs rw',
    '23 20 0:22 / /tmp rw,nosuid - tmpfs tmpfs rw',
  ].join('\n'),
);

test.each([
  ['/home/x', ['relatime']],
  ['/tmp', ['nosuid']],
  ['/tmporary', ['relatime']],
  ['/tmp/x', ['nosuid']],
  ['/tmp/deep/y', ['ro', 'noatime']],
])('%s: %j', (file, options) => expect(lockedIn(table, file)).toEqual(options));
