import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdings, leftBehind, type Holdings } from '../../faults/race/holdings.ts';
import { agentPid, startBerth, type Berth } from '../../helpers/berth.ts';
import { openSmallDisk, type SmallDisk } from '../../helpers/small-disk.ts';

const diskBytes = 96 * 1024 ** 2;
const full = 'no space left on device';

let disk: SmallDisk;
let berth: Berth;
let before: Holdings;

/* All that berth has is on a small disk of its own. */
beforeAll(async () => {
  disk = await openSmallDisk(diskBytes);
  berth = await startBerth('linux', { parent: disk.mountpoint });
  await docker('run', '--rm', 'busybox', 'true');
  before = await holdings(berth.home);
  await docker('create', '--name', 'made', 'busybox', 'sleep', '1000');
  await docker('run', '-d', '--name', 'idle', 'busybox', 'sleep', '1000');
  await docker('run', '-d', '--name', 'steady', 'busybox', 'sleep', '1000');
  await docker('run', '-d', '--name', 'talker', 'busybox', 'sh', '-c', 'while :; do date; sleep 0.1; done');
});
afterAll(async () => {
  await disk.free();
  await berth[Symbol.asyncDispose]();
  await disk[Symbol.asyncDispose]();
});

const docker = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await berth.docker(args);
  return { exitCode, text: stdout || stderr };
};

test('on a full disk each request is refused in one line, and what ends or goes still does', async () => {
  disk.fill();
  const big = path.join(disk.folder, 'big');
  await writeFile(big, Buffer.alloc(1024 ** 2, 1));
  for (const request of [
    ['create', 'busybox'],
    ['start', 'made'],
    ['cp', big, 'idle:/big'],
    ['commit', 'idle', 'refused'],
    ['rename', 'idle', 'other'],
    ['volume', 'create', 'refused'],
    ['network', 'create', 'refused'],
  ]) {
    const { exitCode, text } = await docker(...request);
    expect([request[0], exitCode]).toEqual([request[0], 1]);
    // The command line has words of its own about what it sends.
    const answers = text.split('\n').filter((line) => line.startsWith('Error response from daemon:'));
    expect(answers).toEqual([expect.stringMatching(new RegExp(`: ${full}`))]);
    expect(text).not.toContain('ENOSPC');
  }
  expect((await docker('images', '-q')).text.split('\n')).toHaveLength(1);
  expect((await docker('volume', 'ls', '-q')).text).toBe('');
  expect((await docker('stop', '-t', '0', 'talker')).exitCode).toBe(0);
  const { text } = await docker('ps', '-a', '--format', '{{.Names}} {{.State}}');
  expect(text.split('\n').sort()).toEqual(['idle running', 'made created', 'steady running', 'talker exited']);
  expect((await docker('rm', '-f', 'idle')).exitCode).toBe(0);
});

test('an agent that is killed on a full disk comes back, and its containers run on', async () => {
  disk.fill();
  const agent = () => agentPid(berth.home);
  const before = agent();
  process.kill(before, 'SIGKILL');
  await expect.poll(agent, { timeout: 20_000 }).not.toBe(before);
  const names = async () => (await docker('ps', '--format', '{{.Names}}')).text;
  await expect.poll(names, { timeout: 20_000 }).toBe('steady');
  expect((await docker('rm', '-f', 'steady')).exitCode).toBe(0);
});

test('once there is space again everything works, and nothing is left of what was refused', async () => {
  await disk.free();
  expect((await docker('start', 'made', 'talker')).exitCode).toBe(0);
  await expect.poll(async () => (await docker('logs', '--tail', '1', 'talker')).text).not.toBe('');
  expect((await docker('run', '-d', '--name', 'idle', 'busybox', 'sleep', '1000')).exitCode).toBe(0);
  expect((await docker('exec', 'idle', 'echo', 'fine')).text).toBe('fine');
  await docker('rm', '-f', 'made', 'talker', 'idle');
  await expect.poll(async () => leftBehind(before, await holdings(berth.home)), { timeout: 20_000 }).toEqual([]);
  const files = await readdir(path.join(berth.home, 'machine/engine'), { recursive: true });
  expect(files.filter((file) => file.endsWith('.new') || path.basename(file).startsWith('.new-'))).toEqual([]);
  expect((await readdir(path.join(berth.home, 'machine/engine/containers'))).length).toBe(0);
});
