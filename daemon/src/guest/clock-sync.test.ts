import { expect, test } from 'vitest';
import type { Logger } from '../logger.ts';
import { ClockSync } from './clock-sync.ts';
import type { GuestSession } from './session.ts';

const quiet = { info: () => undefined, warn: () => undefined } as unknown as Logger;

function synced() {
  const at = { now: 1_000_000, steady: 0 };
  const told: number[] = [];
  const guest = { 'clock.set': async ({ epochMs }: { epochMs: number }) => ({ steppedByMs: told.push(epochMs) }) };
  const session = { guest } as unknown as GuestSession;
  const clocks = { now: () => at.now, steady: () => at.steady };
  const clock = new ClockSync({ session: () => session, log: quiet, clocks });
  const pass = async (ms: number, asleepMs = 0) => {
    at.steady += ms;
    at.now += ms + asleepMs;
    await clock.look();
  };
  return { at, told, clock, pass };
}

test('tells the time every ten seconds', async () => {
  const { told, clock, pass } = synced();
  using _ = clock;
  for (let second = 0; second < 21; second += 1) await pass(1_000);
  expect(told).toEqual([1_001_000, 1_011_000, 1_021_000]);
});

test.each([
  ['a sleep that stops the steady clock', 1_000, 3_600_000],
  ['a sleep that does not', 3_600_000, 0],
  ['a clock that was set back', 1_000, -500],
])('tells it at once after %s', async (_, passedMs, asleepMs) => {
  const { at, told, clock, pass } = synced();
  using _clock = clock;
  await pass(1_000);
  await pass(1_000);
  expect(told).toHaveLength(1);
  await pass(passedMs, asleepMs);
  expect(told.at(-1)).toBe(at.now);
  expect(told).toHaveLength(2);
});
