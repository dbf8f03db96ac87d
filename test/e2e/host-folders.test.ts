import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBerth, type Berth } from '../helpers/berth.ts';
import { watcherProgram } from '../helpers/watcher.ts';

const { exitCode } = await execa('qemu-system-x86_64', ['--version'], { reject: false });
const seen = { timeout: 30_000, interval: 100 };

/** Folders of this host in containers of the microVM, as the default settings share them. */
describe.skipIf(exitCode !== 0)('folders of the host (skipped where there is no QEMU)', { timeout: 120_000 }, () => {
  let berth: Berth;
  let folder: string;
  beforeAll(async () => {
    berth = await startBerth('qemu');
    folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'berth-host-')));
  });
  afterAll(async () => {
    await berth[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const at = (name: string) => path.join(folder, name);
  const text = (name: string) => readFile(at(name), 'utf8').catch(() => '');
  const mounted = (script: string, ...options: string[]) =>
    berth.docker(['run', '--rm', ...options, '-v', `${folder}:/x`, 'busybox', 'sh', '-c', script]);

  test('what the host wrote is read, and what a container writes is the host’s', async () => {
    await mkdir(at('in'));
    await writeFile(at('in/file'), 'from the host\n', { mode: 0o640 });
    const script = 'cat /x/in/file; stat -c %a /x/in/file; umask 027; mkdir /x/out; echo written > /x/out/file';
    expect((await mounted(script)).stdout).toBe('from the host\n640');
    expect(await text('out/file')).toBe('written\n');
    const modes = await Promise.all(['out', 'out/file'].map(async (name) => (await stat(at(name))).mode & 0o777));
    expect(modes).toEqual([0o750, 0o640]);
    const readOnly = ['run', '--rm', '-v', `${folder}:/x:ro`, 'busybox', 'touch', '/x/no'];
    expect((await berth.docker(readOnly)).stderr).toContain('Read-only file system');
  });

  test('renames over an open file, links, sizes and times are a file system’s', async () => {
    const script = [
      'cd /x; echo old > f; exec 3<f; echo new > g; mv g f; cat f; cat <&3',
      'ln -s f l; cat l; readlink l; echo one > k; ln k h; echo more >> h',
      'truncate -s 3 f; cat f; echo; touch -d @1000000000 f; stat -c "%Y %s" f',
      'mkdir d; mkdir d 2>&1; touch d/e; rmdir d 2>&1; cat none 2>&1',
    ].join('\n');
    expect((await mounted(script)).stdout.split('\n')).toEqual([
      ...['new', 'old', 'new', 'f', 'new', '1000000000 3'],
      "mkdir: can't create directory 'd': File exists",
      "rmdir: 'd': Directory not empty",
      "cat: can't open 'none': No such file or directory",
    ]);
    expect(await text('k')).toBe('one\nmore\n');
    expect((await readdir(folder)).filter((name) => name.startsWith('.fuse'))).toEqual([]);
  });

  test('many small files, each written beside its place and renamed to it', async () => {
    const script =
      'mkdir /x/many; cd /x/many; for i in $(seq 200); do echo $i > t; mv t $i; done; cat * | sort -n | tail -1';
    expect((await mounted(script)).stdout).toBe('200');
    expect(await readdir(at('many'))).toHaveLength(200);
    expect((await mounted('rm -r /x/many; ls /x | grep -c many')).stdout).toBe('0');
  });

  test('chown and chmod succeed and are remembered', async () => {
    const change = 'cd /x; echo x > owned; chown 70:71 owned; chmod 400 owned; mkdir dir; chmod 500 dir; touch dir/f';
    expect(await mounted(change)).toMatchObject({ stderr: '', exitCode: 0 });
    const show = 'cd /x; stat -c "%u:%g %a" owned dir | cut -d" " -f2; stat -c %u:%g owned; cat owned';
    expect((await mounted(show)).stdout.split('\n')).toEqual(['400', '500', '70:71', 'x']);
  });

  test('-v makes a missing source on the host, --mount refuses it', async () => {
    const run = ['run', '--rm', '-v', `${at('made/deep')}:/x`, 'busybox', 'touch', '/x/file'];
    expect((await berth.docker(run)).exitCode).toBe(0);
    expect(await readdir(at('made/deep'))).toEqual(['file']);
    const missing = at('missing');
    const mount = ['run', '--rm', '--mount', `type=bind,src=${missing},dst=/x`, 'busybox', 'true'];
    const told = `invalid mount config for type "bind": bind source path does not exist: ${missing}`;
    expect((await berth.docker(mount)).stderr).toContain(told);
    expect(await readdir(folder)).not.toContain('missing');
  });

  test('what is not shared is refused with a way out; what is the machine’s own is the machine’s', async () => {
    await symlink('/opt', at('leads-out'));
    for (const source of ['/opt/berth-test', at('leads-out')]) {
      const { stderr } = await berth.docker(['run', '--rm', '-v', `${source}:/x`, 'busybox', 'true']);
      expect(stderr).toContain(`${source} is not shared with the machine`);
      expect(stderr).toContain(`add it to "shares" in ${path.join(berth.home, 'settings.json')}`);
    }
    const own = ['run', '--rm', '-v', '/lib/modules:/m:ro', 'busybox', 'ls', '/m'];
    expect((await berth.docker(own)).stdout).toContain('cloud-amd64');
    await writeFile(path.join(berth.home, 'settings.json'), JSON.stringify({ shares: [folder, '/opt'] }));
    expect((await berth.docker(['run', '--rm', '-v', '/opt:/x', 'busybox', 'true'])).stderr).toBe('');
  });

  test('two containers and the host see each other’s changes', async () => {
    await writeFile(at('ping'), '0');
    const wait = (name: string, value: string) =>
      `until [ "$(cat /x/${name} 2>/dev/null)" = ${value} ]; do sleep 0.1; done`;
    const [first, second] = [
      mounted(`${wait('ping', '1')}; echo 2 > /x/pong`),
      mounted(`${wait('pong', '2')}; echo 3 > /x/done`),
    ];
    await writeFile(at('ping'), '1');
    expect([(await first).exitCode, (await second).exitCode]).toEqual([0, 0]);
    expect(await text('done')).toBe('3\n');
  });

  test('what the host does reaches those who watch in a container, within half a second of a quiet machine', async () => {
    await mkdir(at('watched/sub'), { recursive: true });
    // The image has no program that watches; the machine has one.
    const mounts = ['-v', '/:/m:ro', '-v', `${at('watched')}:/m/mnt`];
    const watch = ['chroot', '/m', 'node', '-e', watcherProgram, '/mnt', '/mnt', '/mnt/sub'];
    await berth.docker(['run', '-d', '--name', 'watcher', ...mounts, 'busybox', ...watch]);
    const events = async () => (await berth.docker(['logs', 'watcher'])).stdout.split('\n');
    const heard = (...lines: string[]) => expect.poll(events, seen).toEqual(expect.arrayContaining(lines));
    await heard('ready');
    await writeFile(at('watched/file'), 'text');
    await heard('rename file true');
    await appendFile(at('watched/file'), 'more');
    await heard('change file true');
    await mkdir(at('watched/sub/folder'));
    await heard('rename sub/folder true');
    await writeFile(at('watched/sub/folder/deep'), '');
    await heard('rename sub/folder/deep true');
    await rename(at('watched/file'), at('watched/moved'));
    await heard('rename file false', 'rename moved true');
    await rm(at('watched/moved'));
    await heard('rename moved false');
    expect(await readdir(at('watched'))).toEqual(['sub']);
    await berth.docker(['rm', '-f', 'watcher']);
  });

  test('containers go on with their open files when the daemon is killed', async () => {
    const script = 'exec 3>>/x/log; while :; do cat /x/say >&3; sleep 0.3; done';
    await writeFile(at('say'), 'one\n');
    await berth.docker(['run', '-d', '--name', 'writer', '-v', `${folder}:/x`, 'busybox', 'sh', '-c', script]);
    await expect.poll(() => text('log'), seen).toContain('one\n');
    const { stdout } = await execa('pgrep', ['-f', `berth.js daemon.*${berth.home}`]);
    process.kill(Number(stdout.split('\n')[0]), 'SIGKILL');
    await appendFile(at('say'), 'two\n');
    expect((await berth.berth('up', '--driver', 'qemu')).exitCode).toBe(0);
    await expect.poll(() => text('log'), seen).toContain('two\n');
    expect((await berth.docker(['logs', 'writer'])).stderr).toBe('');
    const source = ['inspect', '-f', '{{(index .Mounts 0).Source}}', 'writer'];
    expect((await berth.docker(source)).stdout).toBe(folder);
  });

  test('they are there again after the machine was off', async () => {
    await berth.berth('down');
    expect((await berth.berth('up', '--driver', 'qemu')).exitCode).toBe(0);
    await writeFile(at('say'), 'three\n');
    expect((await berth.docker(['start', 'writer'])).exitCode).toBe(0);
    await expect.poll(() => text('log'), seen).toContain('three\n');
    expect((await mounted('stat -c %u:%g /x/owned')).stdout).toBe('70:71');
  });
});
