import { expect, test } from 'vitest';
import { Filters } from '../api/engine/filters.ts';
import { pruneFilter } from './prune-filter.ts';

const nowMs = Date.parse('2026-01-02T00:00:00Z');
const candidate = { created: '2026-01-01T12:00:00Z', labels: { a: '1' } };
const matches = (...fields: Array<[string, string[]]>) => pruneFilter(new Filters(fields), nowMs)(candidate);

test('until, label and label! choose what to prune', () => {
  expect(matches()).toBe(true);
  expect(matches(['until', ['1h']])).toBe(true);
  expect(matches(['until', ['24h']])).toBe(false);
  expect(matches(['label', ['a=1']])).toBe(true);
  expect(matches(['label', ['b']])).toBe(false);
  expect(matches(['label!', ['a']])).toBe(false);
  expect(matches(['label!', ['b']])).toBe(true);
});

test('another filter is refused', () => {
  expect(() => matches(['name', ['x']])).toThrow("invalid filter 'name'");
});

test('a second or a malformed until is refused', () => {
  expect(() => matches(['until', ['1h', '2h']])).toThrow('more than one until filter specified');
  expect(() => matches(['until', ['abc']])).toThrow('failed to parse value as time or duration: "abc"');
});
