import { expect, test } from 'vitest';
import { Filters } from '../api/engine/filters.ts';
import { pruneFilter } from './prune.ts';
import type { Container } from './container.ts';

const nowMs = Date.parse('2026-01-02T00:00:00Z');
const container = {
  record: { created: '2026-01-01T12:00:00Z', config: { Labels: { a: '1' } } },
} as unknown as Container;
const matches = (...fields: Array<[string, string[]]>) => pruneFilter(new Filters(fields), nowMs)(container);

test('until, label and label! choose the containers to prune', () => {
  expect(matches()).toBe(true);
  expect(matches(['until', ['1h']])).toBe(true);
  expect(matches(['until', ['24h']])).toBe(false);
  expect(matches(['label', ['a=1']])).toBe(true);
  expect(matches(['label', ['b']])).toBe(false);
  expect(matches(['label!', ['a']])).toBe(false);
  expect(matches(['label!', ['b']])).toBe(true);
});

test('a second or a malformed until is refused', () => {
  expect(() => matches(['until', ['1h', '2h']])).toThrow('more than one until filter specified');
  expect(() => matches(['until', ['abc']])).toThrow('failed to parse value as time or duration: "abc"');
});
