import { expect, test } from 'vitest';
import { parseMountTable } from '../../storage/mount-table.ts';
import { findMounted } from './live-rootfs.ts';

const table = parseMountTable(
  [
    '25 1 0:22 / /proc rw - proc proc rw',
    '90 1 0:50 / /run/x\\040y/rootfs rw - overlay overlay rw,lowerdir=/l,upperdir=/snap/7/fs,workdir=/snap/7/work',
  ].join('\n'),
);
const mount = (upper: string) => [{ type: 'overlay', source: 'overlay', target: '', options: [`upperdir=${upper}`] }];

test('finds where an overlay with the same upper folder is mounted', () => {
  expect(findMounted(table, mount('/snap/7/fs'))).toBe('/run/x y/rootfs');
  expect(findMounted(table, mount('/snap/8/fs'))).toBeNull();
  expect(findMounted(table, [{ type: 'bind', source: '/a', target: '', options: ['ro'] }])).toBeNull();
});
