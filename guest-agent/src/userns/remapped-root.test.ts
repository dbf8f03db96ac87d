import { expect, test } from 'vitest';
import type { Account } from './accounts.ts';
import { remappedRoot, type AccountHost } from './remapped-root.ts';
import { freeStart, parseSubIds } from './sub-ids.ts';

/** A machine with users and groups that have the same names and numbers. */
function machine(accounts: Account[], files: Record<string, string>): AccountHost & { added: string[] } {
  const added: string[] = [];
  return {
    added,
    lookUp: async (database, key) => {
      const found = accounts.find(({ name, id }) => name === key || String(id) === key);
      if (!found) throw new Error(`getent unable to find entry "${key}" in ${database} database`);
      return found;
    },
    addUser: async (name) => {
      added.push(name);
      accounts.push({ name, id: 999 });
    },
    readSubIds: async (file) => {
      if (files[file] === undefined) throw new Error(`open ${file}: no such file or directory`);
      return parseSubIds(files[file]);
    },
  };
}

const files = {
  '/etc/subuid': '# kept\nalice:100000:1000\nbob:200000:65536\n1001:300000:500\ndockremap:400000:65536\n',
  '/etc/subgid': 'alice:110000:65536\nbob:210000:65536\ndockremap:410000:65536\n',
};
const people = () =>
  machine(
    [
      { name: 'root', id: 0 },
      { name: 'alice', id: 1001 },
      { name: 'bob', id: 1002 },
      { name: 'carol', id: 1003 },
    ],
    files,
  );

test('a user’s ranges follow each other, whether they are under its name or its number', async () => {
  const mapping = await remappedRoot('alice', people());
  expect(mapping?.uids).toEqual([
    { containerId: 0, hostId: 100_000, size: 1000 },
    { containerId: 1000, hostId: 300_000, size: 500 },
  ]);
  expect(mapping?.name).toBe('100000.110000');
  expect(mapping?.toHost({ uid: 1001, gid: 3 })).toEqual({ uid: 300_001, gid: 110_003 });
  expect(mapping?.toContainer({ uid: 300_001, gid: 110_003 })).toEqual({ uid: 1001, gid: 3 });
});

test.each(['bob', 'bob:alice', '1002', '1002:1001', 'bob:1001'])('%s is bob', async (text) => {
  expect((await remappedRoot(text, people()))?.root).toEqual({ uid: 200_000, gid: 210_000 });
});

test('default is a user of its own, made once', async () => {
  const host = people();
  expect((await remappedRoot('default', host))?.root).toEqual({ uid: 400_000, gid: 410_000 });
  await remappedRoot('default', host);
  expect(host.added).toEqual(['dockremap']);
});

test.each(['', 'root', '0', '0:0'])('%j maps nothing', async (text) => {
  expect(await remappedRoot(text, people())).toBeNull();
});

const missing = (key: string, database: string) => `getent unable to find entry "${key}" in ${database} database`;
test.each([
  ['a:b:c', 'Invalid user/group specification in --userns-remap: "a:b:c"'],
  ['dave', `Error during uid lookup for "dave": ${missing('dave', 'passwd')}`],
  ['5', `Uid 5 has no entry in /etc/passwd: ${missing('5', 'passwd')}`],
  ['bob:dave', `Error during groupname lookup for "dave": ${missing('dave', 'group')}`],
  ['bob:7', `Gid 7 has no entry in /etc/passwd: ${missing('7', 'group')}`],
  ['carol', 'Can\'t create ID mappings: no subuid ranges found for user "carol"'],
])('%s is refused: %s', async (text, message) => {
  await expect(remappedRoot(text, people())).rejects.toThrow(message);
});

test('without the files there is no mapping', async () => {
  const host = machine([{ name: 'bob', id: 1002 }], {});
  const message = "Can't create ID mappings: open /etc/subuid: no such file or directory";
  await expect(remappedRoot('bob', host)).rejects.toThrow(message);
});

test.each([
  ['', 100_000],
  ['a:100000:65536', 165_536],
  ['a:165536:65536\nb:100000:65536', 231_072],
  ['a:500000:65536', 100_000],
])('the first range that is free beside %j begins at %i', (text, start) => {
  expect(freeStart(parseSubIds(text))).toBe(start);
});
