import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { scratchDir } from '../../vm/testing/scratch-dir.ts';
import { lockFile } from './lock-file.ts';
import { until } from '../../concurrency/until.ts';

test('one holder at a time, and free again when let go', async () => {
  await using dir = await scratchDir();
  {
    await using held = await lockFile(dir.file('lock'));
    expect(held).not.toBeNull();
    expect(await lockFile(dir.file('lock'))).toBeNull();
  }
  await using again = await lockFile(dir.file('lock'));
  expect(again).not.toBeNull();
});

test('a holder that is killed leaves no lock', async () => {
  await using dir = await scratchDir();
  const holder = spawn('flock', [dir.file('lock'), 'sleep', '60'], { stdio: 'ignore', detached: true });
  await once(holder, 'spawn');
  const taken = async () => {
    await using lock = await lockFile(dir.file('lock'));
    return lock === null;
  };
  await until(taken, { timeoutMs: 5_000, what: 'the lock' });
  process.kill(-holder.pid!, 'SIGKILL');
  await until(async () => !(await taken()), { timeoutMs: 5_000, what: 'release of the lock' });
});
