import { expect, test } from 'vitest';
import type { Container } from './container.ts';
import type { ContainerSettings } from './dependencies.ts';
import { shutdownTimeoutMs } from './shutdown.ts';

const settings = (shutdownTimeoutSeconds: number) =>
  ({ shutdownTimeoutSeconds, defaultStopTimeoutSeconds: 10 }) as ContainerSettings;
const withTimeout = (StopTimeout: number | null) => ({ record: { config: { StopTimeout } } }) as Container;

test.each([
  [15, [], 15_000],
  [15, [null], 15_000],
  [1, [null, 3], 15_000],
  [15, [60, null], 65_000],
  [120, [60], 120_000],
  [-1, [60], null],
  [15, [-1, 60], null],
])('%i seconds with stop timeouts of %j: %s', (seconds, own, expected) => {
  expect(shutdownTimeoutMs(settings(seconds), own.map(withTimeout))).toBe(expected);
});
