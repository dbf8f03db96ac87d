import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';
import { engineRequest } from '../../helpers/engine-request.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
  await berth.docker(['run', '-d', '--name', 'busy', '-m', '64m', 'busybox', 'sh', '-c', 'while :; do :; done']);
});
afterAll(() => berth[Symbol.asyncDispose]());

interface Stats {
  read: string;
  preread: string;
  pids_stats: { current: number };
  cpu_stats: { cpu_usage: { total_usage: number }; system_cpu_usage: number; online_cpus: number };
  precpu_stats: { cpu_usage: { total_usage: number }; system_cpu_usage?: number };
  memory_stats: { limit: number; usage: number; stats: Record<string, number> };
  networks: Record<string, { rx_bytes: number }>;
}

const ask = async (query: string, timeoutMs?: number) =>
  (
    await engineRequest(berth.socketPath, {
      method: 'GET',
      path: `/containers/busy/stats${query}`,
      ...(timeoutMs !== undefined && { timeoutMs }),
    })
  ).body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Stats);

test('one answer compares two readings a second apart', async () => {
  const [stats] = await ask('?stream=0');
  const spentNs = (stats?.cpu_stats.cpu_usage.total_usage ?? 0) - (stats?.precpu_stats.cpu_usage.total_usage ?? 0);
  expect(spentNs).toBeGreaterThan(100_000_000);
  expect(stats?.memory_stats.limit).toBe(64 * 1024 * 1024);
  expect(stats?.pids_stats.current).toBe(1);
  expect(Object.keys(stats?.networks ?? {})).toEqual(['eth0']);
});

test('one-shot answers at once, with nothing to compare with', async () => {
  const startedMs = Date.now();
  const [stats] = await ask('?stream=0&one-shot=1');
  expect(Date.now() - startedMs).toBeLessThan(900);
  expect(stats?.preread).toBe('0001-01-01T00:00:00Z');
  expect(stats?.precpu_stats).not.toHaveProperty('system_cpu_usage');
});

test('a stream goes on, each line with the one before', async () => {
  const lines = await ask('', 2_500);
  expect(lines.length).toBeGreaterThanOrEqual(2);
  expect(lines[1]?.preread).toBe(lines[0]?.read);
});

test('docker stats', async () => {
  const { stdout } = await berth.docker([
    'stats',
    '--no-stream',
    '--format',
    '{{.Name}} {{.CPUPerc}} {{.MemUsage}}',
    'busy',
  ]);
  expect(stdout).toMatch(/^busy [1-9]\d*\.\d+% .*\/ 64MiB$/);
});
