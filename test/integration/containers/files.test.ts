import { mkdir, mkdtemp, readFile, readdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';

let berth: Berth;
let scratch: string;
beforeAll(async () => {
  berth = await startBerth('linux');
  scratch = await mkdtemp(path.join(os.tmpdir(), 'berth-files-'));
});
afterAll(async () => {
  await berth[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

const inScratch = (name: string): string => path.join(scratch, name);
const docker = async (...args: string[]): Promise<string> => {
  const { stdout, stderr, exitCode } = await berth.docker(args);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
};

/** What this berth has mounted, seen from outside. */
const mounts = (): number =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(berth.home)).length;

test.each(['running', 'created'])(
  'a %s container takes and gives a tree with owners, times, links and devices',
  async (kind) => {
    const name = `cp-${kind}`;
    await docker('create', '--name', name, '-v', `${name}:/vol`, 'busybox', 'sleep', '1000');
    if (kind === 'running') await docker('start', name);
    const before = mounts();
    const tree = inScratch(`tree-${kind}`);
    await mkdir(path.join(tree, 'sub'), { recursive: true });
    await writeFile(path.join(tree, 'sub/file'), 'x'.repeat(100_000), { mode: 0o640 });
    await symlink('/etc', path.join(tree, 'link'));
    await docker('cp', '-a', tree, `${name}:/vol/tree`);
    await docker('cp', `${name}:/vol/tree`, inScratch(`back-${kind}`));
    const back = inScratch(`back-${kind}`);
    expect(await readFile(path.join(back, 'sub/file'), 'utf8')).toHaveLength(100_000);
    expect(await readlink(path.join(back, 'link'))).toBe('/etc');
    const [sent, received] = await Promise.all([tree, back].map((root) => stat(path.join(root, 'sub/file'))));
    expect(received?.mode).toBe(sent?.mode);
    expect(Math.floor((received?.mtimeMs ?? 0) / 1000)).toBe(Math.floor((sent?.mtimeMs ?? 1) / 1000));
    expect(mounts()).toBe(before);
    await docker('rm', '-f', name);
  },
);

test('links in a container that point at the machine’s files do not lead there, in either direction', async () => {
  const secret = inScratch('secret');
  await writeFile(secret, 'untouched');
  await docker('run', '-d', '--name', 'cp-links', 'busybox', 'sleep', '1000');
  const inside = (script: string) => docker('exec', 'cp-links', 'sh', '-c', script);
  await inside(`ln -s ${scratch} /out; ln -s ../../../../../../..${scratch} /climb; ln -s ${secret} /file`);
  for (const place of ['/out/secret', '/climb/secret', '/out/']) {
    const { stderr, exitCode } = await berth.docker(['cp', `cp-links:${place}`, inScratch('stolen')]);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Could not find the file') as string,
    });
  }
  await writeFile(inScratch('evil'), 'evil');
  await berth.docker(['cp', inScratch('evil'), 'cp-links:/out/secret']);
  await berth.docker(['cp', inScratch('evil'), 'cp-links:/file']);
  expect(await readFile(secret, 'utf8')).toBe('untouched');
  expect(await readdir(scratch)).not.toContain('stolen');
  await docker('rm', '-f', 'cp-links');
});

test('a folder that the container swaps for a link all the time is copied from and to inside it', async () => {
  await mkdir(inScratch('outside/sub'), { recursive: true });
  await writeFile(inScratch('outside/sub/file'), 'outside');
  const swap = `while :; do mv /a /b; ln -s ${inScratch('outside')} /a; rm /a; mv /b /a; done`;
  await docker(
    'run',
    '-d',
    '--name',
    'cp-swap',
    'busybox',
    'sh',
    '-c',
    `mkdir -p /a/sub; echo inside >/a/sub/file; ${swap}`,
  );
  await writeFile(inScratch('new'), 'new');
  for (let i = 0; i < 15; i++) {
    const { stdout } = await berth.docker(['cp', 'cp-swap:/a/sub/file', '-']);
    expect(stdout).not.toContain('outside');
    await berth.docker(['cp', inScratch('new'), 'cp-swap:/a/sub/new']);
  }
  expect(await readdir(inScratch('outside/sub'))).toEqual(['file']);
  await docker('rm', '-f', 'cp-swap');
});

test('an archive keeps hard links, devices, pipes, owners and attributes', async () => {
  await docker('run', '-d', '--name', 'cp-kinds', 'busybox', 'sleep', '1000');
  const make =
    'mkdir /k; echo hi >/k/f; ln /k/f /k/h; mkfifo /k/p; mknod /k/null c 1 3; chown 5:6 /k/f; chmod 4751 /k/f';
  await docker('exec', 'cp-kinds', 'sh', '-c', make);
  await docker('exec', 'cp-kinds', 'mkdir', '/copy');
  await docker('cp', 'cp-kinds:/k/.', inScratch('kinds'));
  await docker('cp', '-a', inScratch('kinds') + '/.', 'cp-kinds:/copy');
  const listing = (folder: string) =>
    docker('exec', 'cp-kinds', 'sh', '-c', `cd ${folder}; stat -c '%n %A %h %t:%T %s' *`);
  expect(await listing('/copy')).toBe(await listing('/k'));
  await docker('rm', '-f', 'cp-kinds');
});

test('an archive of nothing is taken', async () => {
  await docker('create', '--name', 'cp-empty', 'busybox', 'true');
  const put = { method: 'PUT', path: '/v1.51/containers/cp-empty/archive?path=/', headers: { 'Content-Length': '0' } };
  expect((await engineRequest(berth.socketPath, put)).status).toBe(200);
});

test('changes, export and commit show the same', async () => {
  await docker('run', '--name', 'cp-diff', 'busybox', 'sh', '-c', 'echo new >/new; rm /etc/group; chmod 700 /root');
  const changes = (await docker('diff', 'cp-diff')).split('\n').sort();
  expect(changes).toEqual(['A /new', 'C /etc', 'C /root', 'D /etc/group']);
  await docker('export', '-o', inScratch('export.tar'), 'cp-diff');
  await docker('import', inScratch('export.tar'), 'cp-imported');
  await docker('commit', '-m', 'a word', '-c', 'CMD ["cat", "/new"]', 'cp-diff', 'cp-committed');
  expect(await docker('run', '--rm', 'cp-committed')).toBe('new');
  expect(await docker('run', '--rm', 'cp-imported', 'cat', '/new')).toBe('new');
  expect((await docker('history', '--format', '{{.Comment}}', 'cp-committed')).split('\n')[0]).toBe('a word');
  const { exitCode } = await berth.docker(['run', '--rm', 'cp-committed', 'test', '-e', '/etc/group']);
  expect(exitCode).toBe(1);
  await docker('rm', 'cp-diff');
});

test('a container without changes says null', async () => {
  await docker('create', '--name', 'cp-none', 'busybox');
  const { body } = await engineRequest(berth.socketPath, { method: 'GET', path: '/v1.51/containers/cp-none/changes' });
  expect(body).toBe('null\n');
  await docker('rm', 'cp-none');
});

test('system df and system prune work', async () => {
  await docker('create', '--name', 'cp-prune', 'busybox');
  expect(await docker('system', 'df', '-v')).toContain('cp-prune');
  expect(await docker('system', 'prune', '-f')).toContain('Deleted Containers');
  expect(await docker('ps', '-aq', '--filter', 'name=cp-prune')).toBe('');
});
