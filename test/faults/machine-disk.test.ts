import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ControlClient, follow, type ControlEvent } from '@berth/daemon/api';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBerth, type Berth } from '../helpers/berth.ts';
import { openSmallDisk, type SmallDisk } from '../helpers/small-disk.ts';
import { cutPower } from './power/power-cut.ts';

const { exitCode } = await execa('qemu-system-x86_64', ['--version'], { reject: false });
const isPossible = exitCode === 0 && process.getuid?.() === 0;
const diskBytes = 1024 ** 3;
const MiB = 1024 ** 2;
const soon = { timeout: 60_000, interval: 200 };

/* All that berth has is on a small disk of its own. */
describe.skipIf(!isPossible)('the machine’s disk (skipped where there is no QEMU, or no root)', () => {
  let disk: SmallDisk;
  let berth: Berth;
  beforeAll(async () => {
    disk = await openSmallDisk(diskBytes);
    berth = await startBerth('qemu', { parent: disk.mountpoint });
  });
  afterAll(async () => {
    await berth[Symbol.asyncDispose]();
    await disk[Symbol.asyncDispose]();
  });
  const usedBytes = async () => (await stat(path.join(berth.home, 'machine/data.raw'))).blocks * 512;

  test('the host’s disk is full: the machine stands still and says why, goes on when there is room, and loses nothing', async () => {
    const fill = 'head -c 67108864 /dev/zero | tr "\\0" x';
    const script = `echo ready; read go; ${fill} > /v/f; sync; md5sum < /v/f`;
    const env = { DOCKER_HOST: berth.dockerHost };
    const writing = execa('docker', ['run', '--rm', '-i', '-v', 'large:/v', 'busybox', 'sh', '-c', script], { env });
    for await (const _ of writing.stdout.iterator({ destroyOnReturn: false })) break;
    disk.fill();
    writing.stdin.end('go\n');
    const control = new ControlClient(path.join(berth.home, 'control.sock'));
    const full = 'is full: the machine stands still, and goes on when there is room';
    const halted: (string | null)[] = [];
    const left = new AbortController();
    const onMessage = (event: ControlEvent) => void (event.kind === 'status' && halted.push(event.status.halted));
    const events = { stream: 'events', request: {} } as const;
    const following = follow(path.join(berth.home, 'control.sock'), events, { onMessage, signal: left.signal });
    await expect.poll(async () => (await control.status()).warnings.join(), soon).toContain(full);
    await expect.poll(() => halted.at(-1), soon).toContain(full);
    expect((await berth.docker(['ps'])).stderr).toContain(full);
    await disk.free();
    const { stdout } = await execa('sh', ['-c', `${fill} | md5sum`]);
    expect((await writing).stdout).toContain(stdout);
    expect((await control.status()).warnings).toEqual([]);
    await expect.poll(() => halted.at(-1), soon).toBeNull();
    left.abort();
    await following;
  });

  test('a daemon that comes while the machine stands still takes it over, and it goes on when there is room', async () => {
    const write = 'head -c 1048576 /dev/zero | tr "\\0" y > /v/f$i; sync; echo $i';
    const script = `for i in $(seq 200); do ${write}; sleep 0.1; done; exec tail -f /dev/null`;
    await berth.docker(['run', '-d', '--name', 'late', '-v', 'late:/v', 'busybox', 'sh', '-c', script]);
    const written = async () => (await berth.docker(['logs', 'late'])).stdout.split('\n').filter(Boolean).length;
    await expect.poll(written, soon).toBeGreaterThan(2);
    disk.fill();
    const control = new ControlClient(path.join(berth.home, 'control.sock'));
    const warnings = async () => (await control.status()).warnings.join();
    await expect.poll(warnings, soon).toContain('is full: the machine stands still');
    const { stdout: pid } = await execa('pgrep', ['-f', `berth.js daemon.*${berth.home}`]);
    process.kill(Number(pid.split('\n')[0]), 'SIGKILL');
    expect(await berth.berth('up', '--driver', 'qemu')).toMatchObject({ exitCode: 0 });
    expect(await control.status()).toMatchObject({ state: 'running' });
    expect(await warnings()).toContain('is full: the machine stands still');
    await disk.free();
    await expect.poll(warnings, soon).toBe('');
    const before = await written();
    await expect.poll(written, soon).toBeGreaterThan(before);
    const sums = 'i=0; for f in /v/*; do i=$((i+1)); [ $i -le 3 ] && md5sum < $f; done | sort -u | wc -l';
    expect((await berth.docker(['exec', 'late', 'sh', '-c', sums])).stdout).toBe('1');
    await berth.docker(['rm', '-fv', 'late']);
    await berth.docker(['volume', 'rm', 'late']);
  });

  test('what is removed in the machine is free on the host', async () => {
    const before = await usedBytes();
    expect((await berth.docker(['volume', 'rm', 'large'])).exitCode).toBe(0);
    await expect.poll(async () => before - (await usedBytes()), soon).toBeGreaterThan(60 * MiB);
  });

  // Twenty of them: the suite `long`.
  test('the power is cut, and what was reported stored is there', () => cutPower(berth, { round: 0, images: 2 }));
});
