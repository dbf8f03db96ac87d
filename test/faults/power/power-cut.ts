import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { Berth } from '../../helpers/berth.ts';

/** What clients were told is stored. */
interface Stored {
  volumes: string[];
  images: string[];
  /** Files in the volume `data`, written through. */
  files: number;
}

export interface Cut {
  /** Names what it makes. */
  round: number;
  /** So many images are reported before the power goes, at once with the last. */
  images: number;
}

/**
 * Writes images, volumes and files, cuts the machine's power in the middle (QEMU is killed, and with it all that the
 * guest had not written), and starts it again: all that was reported is there, on clean file systems.
 */
export async function cutPower(berth: Berth, { round, images }: Cut): Promise<void> {
  const stored: Stored = { volumes: [], images: [], files: 0 };
  const writing = write(berth, round, stored);
  for (let image = 0; image < images; image += 1) await storeImage(berth, `cut-${round}-${image}`, stored);
  process.kill(qemuPid(berth.home), 'SIGKILL');
  await writing;
  await expectCleanDisk(berth.home);
  const up = await berth.berth('up', '--driver', 'qemu');
  expect(up.exitCode, up.stderr).toBe(0);
  await expectStored(berth, stored);
  await berth.docker(['rm', '-f', 'writer']);
}

/** Ends when the machine does. */
async function write(berth: Berth, round: number, stored: Stored): Promise<void> {
  const script = 'i=0; while :; do i=$((i+1)); echo $i | dd of=/v/$i conv=fsync 2>/dev/null; echo $i; done';
  const writer = execa(
    'docker',
    ['run', '--name', 'writer', '-v', 'data:/v', 'busybox', 'sh', '-c', `rm -f /v/*; ${script}`],
    {
      env: { DOCKER_HOST: berth.dockerHost },
      reject: false,
      forceKillAfterDelay: 500,
    },
  );
  writer.stdout.on('data', (chunk: Buffer) => (stored.files = Number(chunk.toString().trimEnd().split('\n').at(-1))));
  for (let made = 0; ; made += 1) {
    const name = `cut-${round}-${made}`;
    if ((await berth.docker(['volume', 'create', name])).exitCode !== 0) break;
    stored.volumes.push(name);
  }
  writer.kill('SIGKILL');
  await writer;
}

/** An image of one file, which no other has. */
async function storeImage(berth: Berth, name: string, stored: Stored): Promise<void> {
  const archive = pack();
  archive.entry({ name: 'weight' }, weightOf(name));
  archive.finalize();
  const input = await buffer(archive);
  const imported = await execa('docker', ['import', '-', name], { input, env: { DOCKER_HOST: berth.dockerHost } });
  expect(imported.exitCode).toBe(0);
  stored.images.push(name);
}

export function qemuPid(home: string): number {
  return Number(/\d+/.exec(readFileSync(path.join(home, 'machine/qemu.pid'), 'utf8'))?.[0]);
}

/** As the next boot finds it: its journal is played, and then nothing is left to correct. */
async function expectCleanDisk(home: string): Promise<void> {
  const copy = path.join(os.tmpdir(), `${path.basename(home)}.raw`);
  try {
    await execa('cp', ['--sparse=always', path.join(home, 'machine/data.raw'), copy]);
    const played = await execa('e2fsck', ['-p', copy], { reject: false });
    expect(played.exitCode, played.stdout).toBeLessThanOrEqual(1);
    const checked = await execa('e2fsck', ['-f', '-n', copy], { reject: false });
    expect(checked.exitCode, checked.stdout).toBe(0);
  } finally {
    await rm(copy, { force: true });
  }
}

async function expectStored(berth: Berth, { volumes, images, files }: Stored): Promise<void> {
  const lines = async (...args: string[]) => (await berth.docker(args)).stdout.split('\n');
  expect(await lines('volume', 'ls', '-q')).toEqual(expect.arrayContaining(volumes));
  expect(await lines('images', '--format', '{{.Repository}}')).toEqual(expect.arrayContaining(images));
  const count = await berth.docker([
    'run',
    '--rm',
    '-v',
    'data:/v',
    'busybox',
    'sh',
    '-c',
    'cd /v; for i in *; do [ "$(cat $i)" = $i ] && echo $i; done | sort -n | tail -1',
  ]);
  expect(Number(count.stdout)).toBeGreaterThanOrEqual(files);
  for (const name of images) await expectWhole(berth, name);
}

async function expectWhole(berth: Berth, name: string): Promise<void> {
  await berth.docker(['create', '--name', 'looked-at', name, '/none']);
  const env = { DOCKER_HOST: berth.dockerHost };
  const archive = await execa('docker', ['cp', 'looked-at:/weight', '-'], { env, encoding: 'buffer', reject: false });
  expect(Buffer.from(archive.stdout).includes(weightOf(name)), `what is in ${name}`).toBe(true);
  await berth.docker(['rm', 'looked-at']);
}

const weightOf = (name: string): Buffer => Buffer.alloc(300_000, name);
