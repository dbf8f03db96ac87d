import { appendFile, mkdir, readdir, readFile, rename, rm, rmdir, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canMountShares, mountShare, type MountedShare, shareId } from '../../helpers/mounted-share.ts';
import { type Watcher, watchFolders } from '../../helpers/watcher.ts';

const seen = { timeout: 10_000, interval: 10 };
const gone = { is: null, isName: true, inode: '' };

describe.skipIf(!canMountShares)('changes on the host are heard of in a guest (needs root and FUSE)', () => {
  let share: MountedShare;
  let watcher: Watcher;
  beforeEach(async () => {
    share = await mountShare();
    await mkdir(at('sub'));
    await writeFile(at('old'), 'text');
    watcher = await watchFolders(share.guest, ['', 'sub']);
  });
  afterEach(async () => {
    watcher[Symbol.dispose]();
    await share[Symbol.asyncDispose]();
  });
  const at = (name: string) => path.join(share.host, name);
  const heard = (...lines: string[]) => expect.poll(() => watcher.lines, seen).toEqual(expect.arrayContaining(lines));

  test('files and folders that are made, written, moved and removed', async () => {
    await writeFile(at('file'), 'text');
    await heard('rename file true');
    await appendFile(at('file'), 'more');
    await heard('change file true');
    expect((await share.run('cat file')).stdout).toBe('textmore');
    await mkdir(at('sub/folder'));
    await heard('rename sub/folder true');
    await writeFile(at('sub/folder/deep'), '');
    await heard('rename sub/folder/deep true');
    await rename(at('file'), at('moved'));
    await heard('rename file false', 'rename moved true');
    await symlink('moved', at('link'));
    await heard('rename link true');
    await unlink(at('moved'));
    await heard('rename moved false');
    await rm(at('sub/folder'), { recursive: true });
    await heard('rename sub/folder false');
  });

  test('what is known and what is not: written, replaced and removed', async () => {
    await share.run('cat old');
    await writeFile(at('new'), 'other');
    await rename(at('new'), at('old'));
    await heard('change old true');
    expect((await share.run('cat old')).stdout).toBe('other');
    await unlink(at('old'));
    await heard('rename old false');
    await writeFile(at('old'), 'again');
    await heard('rename old true');
    expect((await share.run('cat old')).stdout).toBe('again');
  });

  test('a folder that was moved goes on to be watched', async () => {
    await share.run('ls -lR');
    await rename(at('sub'), at('renamed'));
    await heard('rename sub false', 'rename renamed true');
    await writeFile(at('renamed/file'), '');
    await expect.poll(() => watcher.lines.join(), seen).toContain('/file true');
    await share.run('mv renamed again');
    await expect
      .poll(async () => {
        await writeFile(at('again/probe'), '');
        await rm(at('again/probe'));
        return watcher.lines.join();
      }, seen)
      .toContain('/probe');
  });

  test('what the guest does itself it hears of once', async () => {
    const script = 'echo 1 > own; echo 2 >> own; mkdir dir; mv own dir/own; ln dir/own two; chmod 600 two; rm two';
    expect((await share.run(`${script}; rm dir/own; rmdir dir`)).stderr).toBe('');
    await writeFile(at('end'), '');
    await heard('rename end true');
    const count = (line: string) => watcher.lines.filter((said) => said === line).length;
    expect(['own', 'two'].map((name) => count(`rename ${name} true`) + count(`rename ${name} false`))).toEqual([2, 2]);
    expect(watcher.lines.filter((line) => /^rename dir /.test(line))).toHaveLength(2);
  });

  test('a repeated change changes nothing on the host, however late it comes', async () => {
    await writeFile(at('file'), 'kept');
    await mkdir(at('folder'));
    await heard('rename file true', 'rename folder true');
    const late = ['file', 'folder', 'sub'].map((name) => ({ ...gone, path: name }));
    await share.mounts.changed(shareId, late);
    await share.mounts.changed(shareId, [
      { path: 'file', is: 'file', isName: false, inode: '1' },
      { path: 'missing', is: 'file', isName: true, inode: '2' },
      { path: 'none', is: 'folder', isName: true, inode: '3' },
      { path: 'l', is: 'link', isName: true, inode: '4' },
      { path: "quo'te\n$(touch x)", is: 'file', isName: true, inode: '5' },
    ]);
    expect((await readdir(share.host)).sort()).toEqual(['file', 'folder', 'old', 'sub']);
    expect(await readFile(at('file'), 'utf8')).toBe('kept');
    expect((await share.run('cat file; ls -d sub')).stdout).toBe('kept\nsub'.replace('\n', ''));
  });

  test('names of all kinds', async () => {
    const names = ["it's", 'a b', '-rf', '$(x)', 'ü→', 'new\nline', '"', '\\', '`'];
    for (const name of names) await writeFile(at(name), '');
    for (const name of names) await unlink(at(name));
    await heard(...names.filter((name) => !name.includes('\n')).map((name) => `rename ${name} false`));
    await mkdir(at('last'));
    await heard('rename last true');
  });

  test('another server watches what the one before did', async () => {
    share.breakStream();
    await expect
      .poll(async () => {
        await writeFile(at('sub/probe'), '');
        await rm(at('sub/probe'));
        return watcher.lines;
      }, seen)
      .toContain('rename sub/probe false');
  });

  test('very many at once: all is as on the host in the end', async () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `f${i}`);
    await Promise.all(names.map((name) => writeFile(at(`sub/${name}`), '')));
    await Promise.all(names.filter((_, i) => i % 3 !== 0).map((name) => unlink(at(`sub/${name}`))));
    const last = new Map<string, boolean>();
    await expect
      .poll(
        () => {
          for (const line of watcher.lines) last.set(line.split(' ')[1] ?? '', line.endsWith('true'));
          return names.filter((name, i) => (last.get(`sub/${name}`) ?? false) !== (i % 3 === 0));
        },
        { timeout: 30_000, interval: 100 },
      )
      .toEqual([]);
    expect(await readdir(at('sub'))).toHaveLength(1_000);
    await rmdir(at('sub')).catch(() => undefined);
  });
});
