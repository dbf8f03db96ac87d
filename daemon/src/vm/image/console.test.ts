import { appendFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { scratchDir } from '../testing/scratch-dir.ts';
import { bootFailureIn, followBoot } from './console.ts';

test('steps are told as they come, also when a line arrives in pieces', async () => {
  await using dir = await scratchDir();
  const log = dir.file('console.log');
  await writeFile(log, '[    0.7] PCI: noise\r\nberth: boot 1.59 10-mounts\r\nberth: boot 2.0');
  const steps: string[] = [];
  for await (const step of followBoot(log, AbortSignal.timeout(10_000))) {
    steps.push(step);
    if (steps.length === 1) await appendFile(log, '6 50-network\r\n');
    if (steps.length === 2) break;
  }
  expect(steps).toEqual(['mounts', 'network']);
});

test('a boot that failed says why', async () => {
  await using dir = await scratchDir();
  const log = dir.file('console.log');
  await writeFile(log, 'berth: boot failed: 30-data-disk: the data disk is damaged\r\n');
  await expect(followBoot(log, AbortSignal.timeout(10_000)).next()).rejects.toThrow(
    'the guest did not boot: 30-data-disk: the data disk is damaged',
  );
});

test('so does an agent that cannot do what daemon.json asks for, at once', async () => {
  await using dir = await scratchDir();
  const log = dir.file('console.log');
  await writeFile(log, 'berth: boot 6.68 60-kernel-settings\r\ndaemon.json: bip: expected an IPv4 network\r\n');
  const boot = followBoot(log, AbortSignal.timeout(10_000));
  expect((await boot.next()).value).toBe('kernel-settings');
  await expect(boot.next()).rejects.toThrow('the engine did not come up: daemon.json: bip: expected an IPv4 network');
});

test('so does a kernel that panicked', () => {
  expect(bootFailureIn('[ 1.2] Kernel panic - not syncing: Fatal exception in interrupt')).toBe(
    "the guest's kernel crashed while it booted: Fatal exception in interrupt",
  );
  expect(bootFailureIn('all is well')).toBeNull();
});
