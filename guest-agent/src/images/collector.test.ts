import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LeasesClient } from '../containerd/leases.ts';
import { createLogger } from '../logger.ts';
import { Collector } from './collector.ts';

/** Leases that cannot be made the first `failures` times. */
function fakeLeases(failures: number) {
  const seen = { asked: 0, collected: 0 };
  const leases = {
    temporary: () => {
      if (++seen.asked <= failures) return Promise.reject(new Error('no space left on device'));
      return Promise.resolve({ leaseId: 'l', [Symbol.asyncDispose]: () => Promise.resolve() });
    },
    delete: () => Promise.resolve(void seen.collected++),
  } as Partial<LeasesClient> as LeasesClient;
  return { leases, seen };
}

const snapshots = { prepare: () => Promise.resolve([]) };
const options = { snapshots, log: createLogger('silent') };
const long = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a collection that cannot be asked for is asked for again', async () => {
  const { leases, seen } = fakeLeases(2);
  await using collector = new Collector({ ...options, leases });
  collector.collectSoon();
  await vi.advanceTimersByTimeAsync(long);
  expect(seen).toEqual({ asked: 3, collected: 1 });
});

test('but not for ever', async () => {
  const { leases, seen } = fakeLeases(Infinity);
  await using collector = new Collector({ ...options, leases });
  collector.collectSoon();
  await vi.advanceTimersByTimeAsync(long);
  expect(seen.asked).toBe(10);
});

test('and not once it is ended', async () => {
  const { leases, seen } = fakeLeases(Infinity);
  const collector = new Collector({ ...options, leases });
  collector.collectSoon();
  await vi.advanceTimersByTimeAsync(1500);
  await collector[Symbol.asyncDispose]();
  const { asked } = seen;
  await vi.advanceTimersByTimeAsync(long);
  expect(seen.asked).toBe(asked);
});
