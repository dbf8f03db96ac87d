import pino from 'pino';
import { expect, test } from 'vitest';
import { containerConfig, healthConfig } from '../../api/engine/container-config.ts';
import { Mutex } from '../../concurrency/mutex.ts';
import type { EngineEvent } from '../../events/event.ts';
import type { Container } from '../container.ts';
import { initialState, type ContainerState } from '../container-state.ts';
import { goDuration } from './go-duration.ts';
import { afterRun, healthCheck, nextRunMs, type HealthCheck, type HealthState } from './health.ts';
import { HealthMonitor } from './health-monitor.ts';
import { LimitedOutput } from './limited-output.ts';

const config = (fields: object, Shell: string[] | null = null) => ({
  ...containerConfig.zero(),
  Shell,
  Healthcheck: { ...healthConfig.zero(), ...fields },
});
const check: HealthCheck = {
  ...{ command: ['true'], intervalMs: 30, timeoutMs: 10, startPeriodMs: 100, startIntervalMs: 5, retries: 2 },
};
const starting: HealthState = { status: 'starting', failingStreak: 0, log: [] };
const run = (ExitCode: number) => ({ Start: 's', End: 'e', ExitCode, Output: '' });

test('what a check runs, with the defaults of Docker', () => {
  expect(healthCheck(config({ Test: ['NONE'] }))).toBeNull();
  expect(healthCheck(config({ Test: [] }))).toBeNull();
  expect(healthCheck(config({ Test: ['CMD', 'a', 'b'] }))).toEqual({
    ...{ command: ['a', 'b'], intervalMs: 30_000, timeoutMs: 30_000 },
    ...{ startPeriodMs: 0, startIntervalMs: 5_000, retries: 3 },
  });
  expect(healthCheck(config({ Test: ['CMD-SHELL', 'x'] }))?.command).toEqual(['/bin/sh', '-c', 'x']);
  expect(healthCheck(config({ Test: ['CMD-SHELL', 'x'] }, ['/bin/ash', '-ec']))?.command).toEqual([
    '/bin/ash',
    '-ec',
    'x',
  ]);
});

test('failures count only after the start period, unless it was healthy before', () => {
  expect(afterRun(check, starting, { run: run(1), startedMs: 99 })).toMatchObject({
    status: 'starting',
    failingStreak: 0,
  });
  const once = afterRun(check, starting, { run: run(1), startedMs: 100 });
  expect(once).toMatchObject({ status: 'starting', failingStreak: 1 });
  expect(afterRun(check, once, { run: run(-1), startedMs: 200 })).toMatchObject({
    status: 'unhealthy',
    failingStreak: 2,
  });
  const healthy: HealthState = { ...starting, status: 'healthy' };
  expect(afterRun(check, healthy, { run: run(1), startedMs: 1 })).toMatchObject({
    status: 'healthy',
    failingStreak: 1,
  });
});

test('the log holds five, one success heals', () => {
  let health: HealthState = { ...starting, status: 'unhealthy' };
  for (let i = 1; i <= 7; i++) health = afterRun(check, health, { run: run(i), startedMs: 500 });
  expect(health.log.map(({ ExitCode }) => ExitCode)).toEqual([3, 4, 5, 6, 7]);
  expect(afterRun(check, health, { run: run(0), startedMs: 500 })).toMatchObject({
    status: 'healthy',
    failingStreak: 0,
  });
});

test('the start interval holds while the period lasts and nothing has succeeded', () => {
  expect(nextRunMs(check, starting, 99)).toBe(5);
  expect(nextRunMs(check, starting, 100)).toBe(30);
  expect(nextRunMs(check, { ...starting, status: 'healthy' }, 1)).toBe(30);
});

test('output is cut at 4 KiB', () => {
  const output = new LimitedOutput();
  output.write('stdout', Buffer.alloc(4000, 'a'));
  output.write('stderr', Buffer.alloc(4000, 'b'));
  expect(output.text()).toBe(`${'a'.repeat(4000)}${'b'.repeat(96)}...`);
});

test('durations as Go prints them', () => {
  expect([300, 1500, 30_000, 90_000, 3_600_000].map(goDuration)).toEqual(['300ms', '1.5s', '30s', '1m30s', '1h0m0s']);
});

/** A running container whose check ends as `exitCodes` say; `turn` lets the monitor wait no longer. */
function fixture(exitCodes: number[]) {
  const waits: Array<{ ms: number; end: (goOn: boolean) => void }> = [];
  const events: string[] = [];
  let state: ContainerState = { ...initialState, phase: 'running', startedAt: '2026-01-01T00:00:00Z' };
  const container = {
    id: 'c1',
    lock: new Mutex(),
    record: { name: 'web', config: config({ Test: ['CMD', 'x'], Retries: 1 }) },
    get state() {
      return state;
    },
    update(change: (old: ContainerState) => ContainerState) {
      state = change(state);
    },
  } as unknown as Container;
  const monitor = new HealthMonitor({
    run: async () => ({ exitCode: exitCodes.shift() ?? 0, output: 'out' }),
    wait: (ms, signal) => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      signal.addEventListener('abort', () => resolve(false));
      waits.push({ ms, end: resolve });
      return promise;
    },
    clock: () => 1_800_000_000_000_000_000n,
    events: { publish: ({ Action }: EngineEvent) => void events.push(Action) },
    log: pino({ level: 'silent' }),
  });
  const turn = async () => {
    const before = waits.length;
    waits.at(-1)?.end(true);
    await expect.poll(() => waits.length).toBe(before + 1);
  };
  return { container, monitor, events, waits, turn };
}

test('a container is starting, then what its checks say, and unhealthy once it ends', async () => {
  const { container, monitor, events, turn } = fixture([0, 0, 5]);
  monitor.begin(container);
  expect(container.state.health).toEqual(starting);
  await turn();
  await turn();
  expect(container.state.health?.status).toBe('healthy');
  await turn();
  expect(container.state.health?.log.at(-1)).toMatchObject({ ExitCode: 5, Output: 'out' });
  monitor.end(container);
  monitor.begin(container);
  expect(container.state.health).toMatchObject({ status: 'starting', failingStreak: 0 });
  expect(container.state.health?.log).toHaveLength(3);
  monitor.end(container);
  expect(container.state.health?.status).toBe('unhealthy');
  expect(events).toEqual(['health_status: healthy', 'health_status: unhealthy']);
});

test('a pause ends the checks, and they go on after it', async () => {
  const { container, monitor, turn, waits } = fixture([0]);
  monitor.begin(container);
  monitor.end(container);
  expect(waits).toHaveLength(1);
  monitor.resume(container);
  await turn();
  expect(container.state.health?.status).toBe('healthy');
});
