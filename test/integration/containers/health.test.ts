import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBerth, type Berth } from '../../helpers/berth.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux');
});
afterAll(() => berth[Symbol.asyncDispose]());

const run = (name: string, command: string, ...options: string[]) =>
  berth.docker([
    ...['run', '-d', '--name', name, '--health-cmd', command, '--health-interval', '100ms', '--health-retries', '2'],
    ...[...options, 'busybox', 'sleep', '1000'],
  ]);
const status = (name: string) => inspect(name, '{{.State.Health.Status}}');
const inspect = async (name: string, format: string) => (await berth.docker(['inspect', '-f', format, name])).stdout;

interface Health {
  Status: string;
  FailingStreak: number;
  Log: Array<{ ExitCode: number; Output: string }>;
}

test('unhealthy, healthy, stopped: inspect, ps, filter and events agree', async () => {
  const since = String(Math.floor(Date.now() / 1000));
  await run('checked', 'echo out; test -f /ok');
  await expect.poll(() => status('checked')).toBe('unhealthy');
  const health = JSON.parse(await inspect('checked', '{{json .State.Health}}')) as Health;
  expect(health.FailingStreak).toBeGreaterThanOrEqual(2);
  expect(health.Log[0]).toMatchObject({ ExitCode: 1, Output: 'out\n' });
  await berth.docker(['exec', 'checked', 'touch', '/ok']);
  await expect.poll(() => status('checked')).toBe('healthy');
  const listed = await berth.docker(['ps', '--filter', 'health=healthy', '--format', '{{.Names}} {{.Status}}']);
  expect(listed.stdout).toMatch(/^checked Up .* \(healthy\)$/);
  await berth.docker(['pause', 'checked']);
  expect(await status('checked')).toBe('unhealthy');
  await berth.docker(['unpause', 'checked']);
  await expect.poll(() => status('checked')).toBe('healthy');
  const runs = async () => JSON.parse(await inspect('checked', '{{json .State.Health.Log}}')) as unknown[];
  await expect.poll(runs).toHaveLength(5);
  await berth.docker(['stop', '-t', '0', 'checked']);
  expect(await status('checked')).toBe('unhealthy');
  const until = String(Math.floor(Date.now() / 1000) + 1);
  const asked = ['--since', since, '--until', until, '--filter', 'event=health_status', '--format', '{{.Action}}'];
  expect((await berth.docker(['events', ...asked])).stdout.split('\n')).toEqual([
    'health_status: unhealthy',
    'health_status: healthy',
    'health_status: healthy',
  ]);
});

test('a check that hangs is ended and says so', async () => {
  await run('hanging', 'echo out; sleep 100', '--health-timeout', '200ms');
  await expect.poll(() => status('hanging')).toBe('unhealthy');
  expect(JSON.parse(await inspect('hanging', '{{json (index .State.Health.Log 0)}}'))).toMatchObject({
    ExitCode: -1,
    Output: 'Health check exceeded timeout (200ms): out\n',
  });
});

test('nothing is checked where there is no check', async () => {
  await berth.docker(['run', '-d', '--name', 'plain', '--no-healthcheck', 'busybox', 'sleep', '1000']);
  expect(await inspect('plain', '{{json .State}}')).not.toContain('Health');
});

test('the checks go on after the agent was killed', async () => {
  await run('adopted', 'test -f /ok');
  await expect.poll(() => status('adopted')).toBe('unhealthy');
  const { stdout } = await execa('ps', ['-eo', 'pid=,args=']);
  const agent = stdout.split('\n').find((line) => line.includes(berth.home) && /agent\.mjs|guest-agent/.test(line));
  process.kill(Number(agent?.trim().split(' ')[0]), 'SIGKILL');
  await expect
    .poll(async () => (await berth.docker(['exec', 'adopted', 'touch', '/ok'])).exitCode, { timeout: 20_000 })
    .toBe(0);
  await expect.poll(() => status('adopted')).toBe('healthy');
});
