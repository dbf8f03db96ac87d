import { expect, it } from 'vitest';
import { parseFilters } from './filters.ts';

it('reads both notations', () => {
  expect(parseFilters('{"a":["1","2","1"]}').get('a')).toEqual(['1', '2']);
  expect(parseFilters('{"a":{"1":true,"2":false}}').get('a')).toEqual(['1']);
  expect(parseFilters('').has('a')).toBe(false);
  expect(parseFilters('null').has('a')).toBe(false);
});

it.each(['x', '[]', '{"a":1}', '{"a":[1]}', '"a"'])('refuses %s', (json) => {
  expect(() => parseFilters(json)).toThrow('invalid filter');
});

it('reads flags', () => {
  expect(parseFilters('{"dangling":["1"]}').flag('dangling', false)).toBe(true);
  expect(parseFilters('{"dangling":["false"]}').flag('dangling', true)).toBe(false);
  expect(parseFilters('{}').flag('dangling', true)).toBe(true);
  expect(() => parseFilters('{"dangling":["x"]}').flag('dangling', true)).toThrow("invalid filter 'dangling=[x]'");
  expect(() => parseFilters('{"x":["y"]}').validate(['dangling'])).toThrow("invalid filter 'x'");
});

it('matches labels by key and by value', () => {
  const filters = parseFilters('{"label":["a","b=c=d"]}');
  expect(filters.matchLabels('label', { a: '', b: 'c=d' })).toBe(true);
  expect(filters.matchLabels('label', { b: 'c=d' })).toBe(false);
  expect(filters.matchLabels('none', {})).toBe(true);
});
