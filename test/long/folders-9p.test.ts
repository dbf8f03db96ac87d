import { mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemonPid } from '../faults/race/processes.ts';
import { startBerth, type Berth } from '../helpers/berth.ts';

const { exitCode } = await execa('qemu-system-x86_64', ['--version'], { reject: false });
const isPossible = exitCode === 0 && process.getuid?.() === 0;

/** Folders of this host that QEMU itself shows the guest. */
describe.skipIf(!isPossible)('9p (skipped where there is no QEMU or root)', { timeout: 180_000 }, () => {
  let berth: Berth;
  let outer: string;
  let folder: string;
  let later: string;
  beforeAll(async () => {
    outer = await realpath(await mkdtemp(path.join(os.tmpdir(), 'berth-9p-')));
    [folder, later] = ['a, folder', 'later'].map((name) => path.join(outer, name)) as [string, string];
    for (const dir of [folder, later, at('full'), path.join(outer, 'secret')]) await mkdir(dir, { recursive: true });
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', at('full')]);
    berth = await startBerth('qemu', { settings: { shareKind: '9p', shares: [folder] } });
  });
  afterAll(async () => {
    await berth[Symbol.asyncDispose]();
    await execa('umount', [at('full')], { reject: false });
    await rm(outer, { recursive: true, force: true });
  });
  const at = (name: string) => path.join(folder, name);
  const mountOf = (source: string) => ['--mount', `type=bind,"source=${source}",target=/x`];
  const mounted = (script: string, source = folder) =>
    berth.docker(['run', '--rm', ...mountOf(source), 'busybox', 'sh', '-c', script]);
  const inBackground = (name: string, script: string) =>
    berth.docker(['run', '-d', '--name', name, ...mountOf(folder), 'busybox', 'sh', '-c', script]);
  const logsOf = async (name: string) => (await berth.docker(['logs', name])).stdout;

  test('both sides see what the other writes; modes, links, open and mapped files are a file system’s', async () => {
    await writeFile(at('file'), 'from the host\n', { mode: 0o640 });
    const script = [
      'cd /x; grep " /x " /proc/mounts | cut -d" " -f3; cat file; stat -c %a file; echo written > out; chmod 400 out',
      'stat -c %a out; ln -s file l; cat l; ln file h; stat -c %h h; cp /bin/busybox sh; ./sh -c "echo mapped"',
      'echo old > f; exec 3<f; echo new > g; mv g f; cat f; cat <&3; echo gone > u; exec 4<u; rm u; cat <&4',
    ].join('\n');
    const lines = ['9p', 'from the host', '640', '400', 'from the host', '2', 'mapped', 'new', 'old', 'gone'];
    expect((await mounted(script)).stdout.split('\n')).toEqual(lines);
    expect(await readFile(at('out'), 'utf8')).toBe('written\n');
  });

  test('what the host appends to an open file is read, and what it writes is seen at the next look', async () => {
    await writeFile(at('log'), 'one\n');
    await inBackground('tail', 'tail -f /x/log');
    await expect.poll(() => logsOf('tail'), { timeout: 30_000 }).toBe('one');
    await writeFile(at('log'), 'two\n', { flag: 'a' });
    await expect.poll(() => logsOf('tail'), { timeout: 30_000 }).toBe('one\ntwo');
    await berth.docker(['rm', '-f', 'tail']);
  });

  test('no way leads out of the folder, also while a folder becomes a link and back', async () => {
    await writeFile(path.join(outer, 'secret/marker'), 'secret\n');
    const [secret, linked] = [path.join(outer, 'secret'), at('etc')];
    await execa('ln', ['-s', '/etc', linked]);
    const swap = `rm -r d; mkdir d; echo inside > d/marker; rm -r d; ln -s ${secret} d`;
    const script = [
      `cat /x/etc/machine-id /x/../secret/marker; cd /x; mkdir d`,
      `i=0; (while [ -e go ]; do ${swap}; done) & while [ $i -lt 300 ]; do i=$((i+1)); cat d/marker; done | sort -u; rm go; wait`,
    ].join('\n');
    await writeFile(at('go'), '');
    const { stdout } = await mounted(`{ ${script}; } 2>/dev/null`);
    expect(stdout).not.toContain('secret');
    const { stderr } = await berth.docker(['run', '--rm', ...mountOf(linked), 'busybox', 'true']);
    expect(stderr).toContain('is not shared with the machine');
  });

  test('whoever writes is told that the disk is full', async () => {
    const { stdout } = await mounted('cd /x/full; head -c 8000000 /dev/zero >f; echo $?; rm f; echo room >f; cat f');
    expect(stdout.split('\n')).toEqual(['1', 'room']);
  });

  test('a folder that is shared later is asked of the daemon', async () => {
    const settings = { shareKind: '9p', shares: [folder, later] };
    await writeFile(path.join(berth.home, 'settings.json'), JSON.stringify(settings));
    expect((await mounted('grep " /x " /proc/mounts | cut -d" " -f3', later)).stdout).toBe('fuse');
  });

  test('it goes on without a daemon', async () => {
    await inBackground('counter', 'i=0; while :; do i=$((i+1)); echo $i > /x/count; sleep 0.2; done');
    const count = async () => Number(await readFile(at('count'), 'utf8').catch(() => '0'));
    await expect.poll(count, { timeout: 30_000 }).toBeGreaterThan(0);
    process.kill(daemonPid(berth.home), 'SIGKILL');
    const before = await count();
    await expect.poll(count, { timeout: 30_000 }).toBeGreaterThan(before + 2);
    expect((await berth.berth('up', '--driver', 'qemu')).exitCode).toBe(0);
    expect((await mounted('cat /x/count')).exitCode).toBe(0);
    await berth.docker(['rm', '-f', 'counter']);
  });

  test('a folder that vanishes fails, and hangs nobody', async () => {
    await execa('umount', [at('full')]);
    await inBackground('looker', 'while :; do cat /x/file 2>&1; sleep 0.2; done');
    await expect.poll(() => logsOf('looker'), { timeout: 30_000 }).toContain('from the host');
    await rename(folder, `${folder}.moved`);
    await rm(`${folder}.moved`, { recursive: true });
    await expect.poll(() => logsOf('looker'), { timeout: 30_000 }).toMatch(/can't open '\/x\/file'/);
    expect((await berth.berth('down')).exitCode).toBe(0);
  });
});
