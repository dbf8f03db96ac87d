import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemonPid } from '../faults/race/processes.ts';
import { startBerth, type Berth } from '../helpers/berth.ts';
import { findVirtiofsd } from '../helpers/virtiofsd.ts';

const { exitCode } = await execa('qemu-system-x86_64', ['--version'], { reject: false });
const isPossible = exitCode === 0 && (await findVirtiofsd());

/** Folders of this host as its kernel's and the guest's own file system. */
describe.skipIf(!isPossible)(
  'virtiofs (skipped where there is no QEMU, virtiofsd or root)',
  { timeout: 180_000 },
  () => {
    let berth: Berth;
    let folder: string;
    let later: string;
    beforeAll(async () => {
      const made = () => mkdtemp(path.join(os.tmpdir(), 'berth-virtiofs-')).then((dir) => realpath(dir));
      [folder, later] = [await made(), await made()];
      berth = await startBerth('qemu', { settings: { shareKind: 'virtiofs', shares: [folder] } });
    });
    afterAll(async () => {
      await berth[Symbol.asyncDispose]();
      for (const dir of [folder, later]) await rm(dir, { recursive: true, force: true });
    });
    const at = (name: string) => path.join(folder, name);
    const mounted = (script: string, source = folder) =>
      berth.docker(['run', '--rm', '-v', `${source}:/x`, 'busybox', 'sh', '-c', script]);
    const servers = async () =>
      (await readdir(path.join(berth.home, 'machine'))).filter((name) => name.endsWith('.virtiofs.pid'));

    test('both sides see what the other writes; owners, modes, links and open files are a file system’s', async () => {
      await writeFile(at('file'), 'from the host\n', { mode: 0o640 });
      const script = [
        'cd /x; grep " /x " /proc/mounts | cut -d" " -f3; cat file; stat -c %a file; echo written > out; chown 70:71 out',
        'chmod 400 out; stat -c "%u:%g %a" out; ln -s file l; cat l; ln file h; stat -c %h h',
        'echo old > f; exec 3<f; echo new > g; mv g f; cat f; cat <&3',
      ].join('\n');
      const lines = ['virtiofs', 'from the host', '640', '70:71 400', 'from the host', '2', 'new', 'old'];
      expect((await mounted(script)).stdout.split('\n')).toEqual(lines);
      expect(await readFile(at('out'), 'utf8')).toBe('written\n');
      expect((await stat(at('out'))).uid).toBe(70);
      await writeFile(at('file'), 'changed\n');
      await expect.poll(async () => (await mounted('cat /x/file')).stdout, { timeout: 60_000 }).toBe('changed');
    });

    test('no way leads out of the folder', async () => {
      await symlink('/etc', at('etc'));
      await mkdir(at('in'));
      expect((await mounted('cat /x/etc/machine-id /x/in/../../etc/machine-id')).stdout).toBe('');
      const { stderr } = await berth.docker(['run', '--rm', '-v', `${at('etc')}:/x`, 'busybox', 'true']);
      expect(stderr).toContain('is not shared with the machine');
    });

    test('a folder that is shared later is asked of the daemon', async () => {
      const settings = { shareKind: 'virtiofs', shares: [folder, later] };
      await writeFile(path.join(berth.home, 'settings.json'), JSON.stringify(settings));
      const { stdout } = await mounted('grep " /x " /proc/mounts | cut -d" " -f3; echo x > /x/f', later);
      expect(stdout).toBe('fuse');
      expect(await readdir(later)).toEqual(['f']);
    });

    test('it goes on without a daemon, and ends with the machine', async () => {
      const script = 'i=0; while :; do i=$((i+1)); echo $i > /x/count; sleep 0.2; done';
      await berth.docker(['run', '-d', '--name', 'counter', '-v', `${folder}:/x`, 'busybox', 'sh', '-c', script]);
      const count = async () => Number(await readFile(at('count'), 'utf8').catch(() => '0'));
      await expect.poll(count, { timeout: 30_000 }).toBeGreaterThan(0);
      process.kill(daemonPid(berth.home), 'SIGKILL');
      const before = await count();
      await expect.poll(count, { timeout: 30_000 }).toBeGreaterThan(before + 2);
      expect((await berth.berth('up', '--driver', 'qemu')).exitCode).toBe(0);
      expect(await servers()).toHaveLength(1);
      expect((await mounted('cat /x/count')).exitCode).toBe(0);
      expect((await berth.berth('down')).exitCode).toBe(0);
      expect(await servers()).toEqual([]);
      expect((await execa('pgrep', ['-f', folder], { reject: false })).stdout).toBe('');
    });
  },
);
