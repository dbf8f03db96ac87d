import { describe, expect, it } from 'vitest';
import { globExpression } from './list-filters.ts';
import { untilMs } from './until.ts';

describe('globExpression', () => {
  it.each([
    ['busybox', 'busybox', true],
    ['busy*', 'busybox:latest', true],
    ['*', 'a/b', false],
    ['*/*', 'a/b', true],
    ['b?sybox', 'busybox', true],
    ['[a-c]usybox', 'busybox', true],
    ['[^b]usybox', 'busybox', false],
    ['busybox:1.3*', 'busybox:1x36', false],
    ['a\\*', 'a*', true],
  ])('%s and %s: %s', (pattern, text, matches) => {
    expect(globExpression(pattern)?.test(text)).toBe(matches);
  });

  it('matches nothing with a malformed pattern', () => {
    expect(globExpression('[')?.test('[') ?? false).toBe(false);
  });
});

describe('untilMs', () => {
  const now = Date.parse('2025-06-01T12:00:00Z');
  it.each([
    ['1h30m', '2025-06-01T10:30:00Z'],
    ['10s', '2025-06-01T11:59:50Z'],
    ['1700000000', '2023-11-14T22:13:20Z'],
    ['2025-01-02', '2025-01-02T00:00:00Z'],
    ['2025-01-02T03:04', '2025-01-02T03:04:00Z'],
    ['2025-01-02T03:04:05+01:00', '2025-01-02T02:04:05Z'],
  ])('%s is %s', (value, expected) => {
    expect(new Date(untilMs(value, now)).toISOString().replace('.000', '')).toBe(expected);
  });

  it('refuses what is neither', () => {
    expect(() => untilMs('soon', now)).toThrow('failed to parse value as time or duration');
  });
});
