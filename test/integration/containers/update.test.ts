import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

/** The memory limit as the kernel has it, in bytes; either cgroup version. */
async function kernelLimit(name: string): Promise<number> {
  const pid = (await berth.docker(['inspect', '-f', '{{.State.Pid}}', name])).stdout;
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const v1 = lines.find((line) => line.split(':')[1] === 'memory');
  const file = v1
    ? `/sys/fs/cgroup/memory${v1.split(':')[2]}/memory.limit_in_bytes`
    : `/sys/fs/cgroup${lines[0]?.split(':')[2]}/memory.max`;
  return Number(readFileSync(file, 'utf8'));
}

test('a limit reaches the kernel at once, the record keeps it, an event tells of it', async () => {
  await berth.docker(['run', '-d', '--name', 'changed', '-m', '64m', 'busybox', 'sleep', '1000']);
  const since = String(Math.floor(Date.now() / 1000));
  const updated = await berth.docker(['update', '-m', '32m', '--restart', 'unless-stopped', 'changed']);
  expect(updated).toMatchObject({ stdout: 'changed', exitCode: 0 });
  expect(await kernelLimit('changed')).toBe(32 * 1024 * 1024);
  const format = '{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}';
  expect((await berth.docker(['inspect', '-f', format, 'changed'])).stdout).toBe('33554432 unless-stopped');
  const until = String(Math.floor(Date.now() / 1000) + 1);
  const events = await berth.docker(['events', '--since', since, '--until', until, '--filter', 'event=update']);
  expect(events.stdout.split('\n')).toHaveLength(1);
});

test('the runtime refuses: the record stays as it was', async () => {
  await berth.docker(['run', '-d', '--name', 'kept', 'busybox', 'sleep', '1000']);
  const refused = await berth.docker(['update', '--cpu-shares', '1', 'kept']);
  expect(refused.stderr).toContain('minimum allowed cpu-shares is 2');
  expect((await berth.docker(['inspect', '-f', '{{.HostConfig.CpuShares}}', 'kept'])).stdout).toBe('0');
});
