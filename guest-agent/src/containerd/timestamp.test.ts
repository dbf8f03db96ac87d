import { expect, it } from 'vitest';
import { fromEpochMs, toEpochMs, toRfc3339Nano } from './timestamp.ts';

it('prints times as Go does', () => {
  expect(toRfc3339Nano({ seconds: 1_700_000_000, nanos: 120_000_000 })).toBe('2023-11-14T22:13:20.12Z');
  expect(toRfc3339Nano({ seconds: 1_700_000_000, nanos: 1 })).toBe('2023-11-14T22:13:20.000000001Z');
  expect(toRfc3339Nano({ seconds: 1_700_000_000, nanos: 0 })).toBe('2023-11-14T22:13:20Z');
  expect(toRfc3339Nano(undefined)).toBe('0001-01-01T00:00:00Z');
});

it('keeps milliseconds', () => {
  expect(toEpochMs(fromEpochMs(1_700_000_000_123))).toBe(1_700_000_000_123);
});
