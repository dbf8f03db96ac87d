import { mkdir, mkdtemp, realpath, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FileChange } from '@berth/guest-agent/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChangeWatch } from './change-watch.ts';
import { FolderWatches } from './folder-watches.ts';
import { OwnChanges } from './own-changes.ts';

let root: string;
let changes: FileChange[];
let watch: ChangeWatch;
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'berth-')));
  changes = [];
  watch = new ChangeWatch(root, async (told) => void changes.push(...told));
  watch.looked(root);
});
afterEach(async () => {
  watch[Symbol.dispose]();
  await rm(root, { recursive: true });
});
const at = (name: string) => path.join(root, name);
const told = () => expect.poll(() => changes.map(({ path: file, is }) => `${file} ${is}`), { timeout: 5_000 });
const bigStat = (file: string) => stat(file, { bigint: true });

test('tells what happens in folders that were looked at, and only there', async () => {
  await mkdir(at('in'));
  await mkdir(at('out'));
  watch.looked(at('in'));
  await writeFile(at('out/file'), '');
  await writeFile(at('in/file'), '');
  await told().toEqual(expect.arrayContaining(['in folder', 'out folder', 'in/file file']));
  await rm(at('in'), { recursive: true });
  await told().toContain('in null');
  expect(changes.map((change) => change.path)).not.toContain('out/file');
});

test('what the guest does is not told, unless somebody else does it after', async () => {
  const file = at('file');
  await watch.own.change(
    () => writeFile(file, 'guest'),
    () => bigStat(file),
  );
  await writeFile(at('next'), '');
  await told().toEqual(['next file']);
  const { ctimeMs } = await stat(file);
  await expect.poll(() => Date.now()).toBeGreaterThan(ctimeMs + 50);
  await writeFile(file, 'host');
  await told().toEqual(['next file', 'file file']);
});

test('a folder that the guest made and filled is not told', async () => {
  await watch.own.change(
    () => mkdir(at('folder')),
    () => bigStat(at('folder')),
    [at('folder')],
  );
  const { ctimeMs } = await stat(at('folder'));
  await expect.poll(() => Date.now()).toBeGreaterThan(ctimeMs + 25);
  await watch.own.change(
    () => writeFile(at('folder/file'), ''),
    () => bigStat(at('folder/file')),
    [at('folder/file')],
  );
  await writeFile(at('next'), '');
  await told().toEqual(['next file']);
});

test('what the guest removed is not told; what somebody makes in its place, and removes, is', async () => {
  await writeFile(at('file'), '');
  await told().toEqual(['file file']);
  await unlink(at('file'));
  watch.removed(at('file'));
  await writeFile(at('next'), '');
  await told().toEqual(['file file', 'next file']);
  await writeFile(at('file'), '');
  await told().toEqual(['file file', 'next file', 'file file']);
  await unlink(at('file'));
  await told().toEqual(['file file', 'next file', 'file file', 'file null']);
});

test('where more happens than is told one by one, the folder is', async () => {
  await mkdir(at('many'));
  watch.looked(at('many'));
  const names = Array.from({ length: 3_000 }, (_, i) => `f${i}`);
  await Promise.all(names.map((name) => writeFile(at(`many/${name}`), '')));
  await expect
    .poll(() => new Set(changes.filter(({ is }) => is === 'file').map((change) => change.path)).size, {
      timeout: 20_000,
    })
    .toBe(3_000);
  const crowded = changes.findLast(({ holds }) => holds);
  expect([crowded?.path, crowded?.holds?.length]).toEqual(['many', 3_000]);
});

test('one watch of a whole tree, of which only folders that were looked at count', async () => {
  await mkdir(at('in/deep'), { recursive: true });
  const seen: string[] = [];
  using watches = new FolderWatches(root, (file) => void seen.push(path.relative(root, file)), true);
  watches.add(at('in/deep'));
  await expect
    .poll(
      async () => {
        await writeFile(at('in/file'), '');
        await writeFile(at('in/deep/file'), '');
        return seen;
      },
      { timeout: 5_000 },
    )
    .toContain('in/deep/file');
  expect(seen).not.toContain('in/file');
  expect(watches.size).toBe(1);
  watches.remove(at('in/deep'));
  expect(watches.size).toBe(0);
});

test('a change is the guest’s own while it goes on, by whichever name', async () => {
  let nowMs = 1_000;
  const own = new OwnChanges(() => nowMs);
  const stats = (ctimeMs: number) =>
    ({ dev: 1n, ino: 2n, ctimeNs: BigInt(ctimeMs) * 1_000_000n, isDirectory: () => false }) as never;
  for (const [from, to] of [
    [1_000, 1_010],
    [1_020, 1_400],
  ] as const) {
    nowMs = from;
    await own.change(
      async () => void (nowMs = to),
      async () => stats(to),
    );
  }
  expect([1_005, 1_390, 1_400, 985].map((ms) => own.isOwn('/any', stats(ms)))).toEqual([true, true, true, true]);
  expect([900, 1_401].map((ms) => own.isOwn('/any', stats(ms)))).toEqual([false, false]);
});
