import { expect, test } from 'vitest';
import type { FileChange } from '../api/guest/protocol.ts';
import { ShareNodes, type ShareNode } from './nodes.ts';
import { commandOf, replaysOf } from './replays.ts';

const nodes = new ShareNodes();
const tell = (parent: ShareNode, name: string, [permissions, inode]: [number, bigint]) =>
  nodes.tell({ parent, name, attributes: { permissions, identity: { inode, links: 1, changedNs: 0n } } });
const known = tell(nodes.root, 'known', [0o040755, 1n]);
tell(known, 'file', [0o100644, 2n]);
tell(known, 'link', [0o120777, 3n]);
tell(known, 'sub', [0o040755, 4n]);

const change = (path: string, is: FileChange['is'], rest: Partial<FileChange> = {}): FileChange => ({
  ...{ path, is, isName: true, inode: '9' },
  ...rest,
});
const replays = (...changes: FileChange[]) => replaysOf(changes, (path) => nodes.find(path));
const [file, folder, link] = [0o100000, 0o040000, 0o120000];

test.each<[string, FileChange, object[]]>([
  ['a new file', change('known/new', 'file'), [{ kind: 'make', path: 'known/new', type: file }]],
  ['a new folder', change('known/new', 'folder'), [{ kind: 'make', path: 'known/new', type: folder }]],
  ['a new link', change('known/new', 'link'), [{ kind: 'make', path: 'known/new', type: link }]],
  ['at the top', change('new', 'file'), [{ kind: 'make', path: 'new', type: file }]],
  ['known already', change('known/file', 'file'), [{ kind: 'touch', path: 'known/file', type: file }]],
  ['written', change('known/x', 'file', { isName: false }), [{ kind: 'touch', path: 'known/x', type: file }]],
  ['gone', change('known/sub', null), [{ kind: 'remove', path: 'known/sub', type: folder }]],
  ['gone, never seen', change('known/x', null), [{ kind: 'remove', path: 'known/x', type: file }]],
  ['another link', change('known/link', 'link'), []],
  ['where nobody looked', change('unknown/x', 'file'), []],
  ['below what is a file', change('known/file/x', 'file'), []],
])('%s', (_, told, expected) => {
  expect(replays(told)).toEqual(expected);
});

test('what is gone and is there by another name was moved; what only looks like it was not', () => {
  const moved = replays(change('known/file', null), change('new', 'file', { inode: '2' }));
  expect(moved).toEqual([{ kind: 'move', path: 'known/file', to: 'new' }]);
  const other = replays(change('known/file', null), change('new', 'file', { inode: '5' }));
  expect(other.map(({ kind }) => kind)).toEqual(['remove', 'make']);
});

test('of a crowded folder it is said what is in it: the rest is gone', () => {
  const crowded = change('known', 'folder', { isName: false, holds: ['link', 'more'] });
  expect(replays(crowded).map(({ path }) => path)).toEqual(['known/file', 'known/sub']);
});

test('names say nothing to the shell', () => {
  const path = "it's $(x) `y` \\ \n;";
  expect(commandOf({ kind: 'touch', path, type: file }, '/s')).toBe("true >'/s/it'\\''s $(x) `y` \\ \n;'");
  expect(commandOf({ kind: 'move', path: 'a', to: '-f' }, '/s')).toBe("mv -T '/s/a' '/s/-f'");
});
