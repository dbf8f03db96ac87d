import { expect, test } from 'vitest';
import { parseDependencies, selectModules } from './modules.ts';

const dependencies = parseDependencies(
  [
    'kernel/lib/crc.ko.xz:',
    'kernel/net/core/b.ko.xz: kernel/lib/crc.ko.xz',
    'kernel/net/netfilter/a.ko.xz: kernel/net/core/b.ko.xz kernel/lib/crc.ko.xz',
    'kernel/net/netfilter/c.ko.xz:',
    '',
  ].join('\n'),
);

test('modules come after what they need', () => {
  expect(selectModules(dependencies, ['a'])).toEqual([
    'kernel/lib/crc.ko.xz',
    'kernel/net/core/b.ko.xz',
    'kernel/net/netfilter/a.ko.xz',
  ]);
});

test('an entry with a slash takes the folder, and nothing twice', () => {
  const selected = selectModules(dependencies, ['b', 'net/netfilter/']);
  expect(selected).toHaveLength(4);
  expect(selected.slice(2)).toEqual(['kernel/net/netfilter/a.ko.xz', 'kernel/net/netfilter/c.ko.xz']);
});

test('an entry that matches nothing is an error, unless it says that it may', () => {
  expect(() => selectModules(dependencies, ['gone'])).toThrow("no kernel module matches 'gone'");
  expect(selectModules(dependencies, ['?gone', '?c'])).toEqual(['kernel/net/netfilter/c.ko.xz']);
});
