import { readdirSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { canMountShares, mountShare } from '../../helpers/mounted-share.ts';
import { openSmallDisk } from '../../helpers/small-disk.ts';

const MiB = 1024 ** 2;
const openDescriptors = () => readdirSync('/proc/self/fd').length;

describe.skipIf(!canMountShares)('a mounted share (needs root and FUSE)', () => {
  test('files that are removed or replaced while they are open', async () => {
    await using share = await mountShare();
    const script = [
      'echo old > f; exec 3<f; echo new > g; mv g f; cat f <&3; cat <&3',
      'exec 4>h 5<h; echo written >&4; rm h; stat -L -c %s /proc/self/fd/5; echo more >&4; cat <&5; ls',
    ].join('; ');
    const { stdout, stderr } = await share.run(script);
    expect([stdout.split('\n'), stderr]).toEqual([['new', 'old', '8', 'written', 'more', 'f'], '']);
    expect(readdirSync(share.host)).toEqual(['f']);
  });

  test('sizes, times below a second, links with their count, and a folder of 3,000', async () => {
    await using share = await mountShare();
    const script = [
      'truncate -s 5 f; touch -d 2001-09-09T01:46:40.125Z f; ln f two; stat -c "%s %h %.2Y" two',
      'ln -s f l; readlink l; mkdir many; cd many; seq 3000 | xargs touch; ls | wc -l; cd ..; rm -r many; ls',
    ].join('; ');
    const { stdout } = await share.run(script);
    expect(stdout.split('\n')).toEqual(['5 2 1000000000.12', 'f', '3000', 'f', 'l', 'two']);
  });

  test('locks hold between processes', async () => {
    await using share = await mountShare();
    const script =
      'exec 3>lock; flock -n 3 && echo first; flock -n lock true || echo refused; flock -u 3; flock -n lock echo free';
    expect((await share.run(script)).stdout.split('\n')).toEqual(['first', 'refused', 'free']);
  });

  test('what the host refuses has the host’s reason', async () => {
    await using share = await mountShare();
    const script = 'mkdir d d; touch d/f; rmdir d; mkfifo p; cat none; mv d d/e; ln -s l l; cat l';
    const { stderr } = await share.run(`export LC_ALL=C; ${script}`);
    const reasons = stderr.split('\n').map((line) => line.split(': ').at(-1));
    const expected = ['File exists', 'Directory not empty', 'Operation not permitted', 'No such file or directory'];
    expect(reasons.slice(0, 4)).toEqual(expected);
    expect(reasons.at(-1)).toBe('Too many levels of symbolic links');
  });

  test('a full disk of the host’s is a full disk', async () => {
    await using disk = await openSmallDisk(16 * MiB);
    await using share = await mountShare(path.join(disk.mountpoint, 'share'));
    disk.fill();
    const { stderr, exitCode } = await share.run('LC_ALL=C dd if=/dev/zero of=f bs=1M count=4');
    expect([stderr.includes('No space left on device'), exitCode]).toEqual([true, 1]);
    await disk.free();
    expect((await share.run('echo again > f; cat f')).stdout).toBe('again');
  });

  test('a folder that disappears from the host, and comes back', async () => {
    await using share = await mountShare();
    await writeFile(path.join(share.host, 'f'), 'text');
    expect((await share.run('cat f')).stdout).toBe('text');
    await rename(share.host, `${share.host}.away`);
    expect((await share.run('LC_ALL=C cat f')).stderr).toContain('No such file or directory');
    await mkdir(share.host);
    await writeFile(path.join(share.host, 'f'), 'another');
    await expect.poll(async () => (await share.run('cat f')).stdout).toBe('another');
    expect((await share.run('echo new > g')).stderr).toBe('');
    expect(await readFile(path.join(share.host, 'g'), 'utf8')).toBe('new\n');
  });

  test('mounted, used and taken away again and again: nothing stays', async () => {
    const cycle = async () => {
      await using share = await mountShare();
      await share.run('echo x > f; cat f; ls');
    };
    await cycle();
    const before = openDescriptors();
    for (let count = 0; count < 20; count += 1) await cycle();
    await expect.poll(openDescriptors).toBeLessThanOrEqual(before + 1);
  });
});
