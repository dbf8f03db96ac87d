import { describe, expect, test } from 'vitest';
import { parseJson } from './json-number.ts';
import { describeSyntaxError } from './json-syntax.ts';
import { createRequest } from './requests.ts';
import { bool, int, int64, list, map, omitEmpty, pointer, set, str, strSlice, struct, uint16 } from './shape.ts';

const inner = struct('Inner', { Count: int64, Flag: omitEmpty(pointer(bool)) });
const outer = struct('Outer', {
  Name: str,
  Inner: pointer(inner),
  List: list(str),
  Map: map(str),
  Set: omitEmpty(set),
  Cmd: strSlice,
  Port: uint16,
  Number: omitEmpty(int),
});

describe('decoding', () => {
  test('what is missing or null is Go’s zero value', () => {
    const zero = { Name: '', Inner: null, List: null, Map: null, Set: null, Cmd: null, Port: 0, Number: 0 };
    expect(outer.decode({}, 'Outer')).toEqual(zero);
    expect(outer.decode({ Name: null, List: null, Port: null }, 'Outer')).toEqual(zero);
  });

  test('keys match without regard to case, unknown ones are passed over', () => {
    expect(outer.decode({ nAME: 'x', Nope: 1 }, 'Outer').Name).toBe('x');
  });

  test('a command may be a string or a list', () => {
    expect(outer.decode({ Cmd: 'sh' }, 'Outer').Cmd).toEqual(['sh']);
    expect(outer.decode({ Cmd: ['sh', '-c'] }, 'Outer').Cmd).toEqual(['sh', '-c']);
  });

  test.each([
    [{ Name: 5 }, 'json: cannot unmarshal number into Go struct field Outer.Name of type string'],
    [{ Name: {} }, 'json: cannot unmarshal object into Go struct field Outer.Name of type string'],
    [{ List: 'x' }, 'json: cannot unmarshal string into Go struct field Outer.List of type []string'],
    [{ List: [1] }, 'json: cannot unmarshal number into Outer.List.0 of type string'],
    [{ Map: { 'a/b': 1 } }, 'json: cannot unmarshal number into Go struct field Outer.Map.a~1b of type string'],
    [{ Inner: { Count: 'x' } }, 'json: cannot unmarshal string into Go struct field Outer.Inner.Count of type int64'],
    [
      { Inner: { Count: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field Outer.Inner.Count of type int64',
    ],
    [{ Port: 70000 }, 'json: cannot unmarshal number 70000 into Go struct field Outer.Port of type uint16'],
    [{ Inner: true }, 'json: cannot unmarshal bool into Go struct field Outer.Inner of type Inner'],
    [[], 'json: cannot unmarshal array into Go value of type Outer'],
  ])('%j: %s', (value, message) => {
    expect(() => outer.decode(value, 'Outer')).toThrow(message);
  });

  test('the create request has no name in its paths', () => {
    expect(() => createRequest.decode({ HostConfig: { Memory: 'x' } }, '')).toThrow(
      'json: cannot unmarshal string into Go struct field .HostConfig.Memory of type int64',
    );
  });
});

test('numbers are read as Go reads them', () => {
  const count = (text: string) => inner.decode(parseJson(`{"Count":${text}}`), 'Inner').Count;
  expect(count('9223372036854775807')).toBe(9_223_372_036_854_774_784);
  expect(count('-5')).toBe(-5);
  for (const text of ['1e3', '1.0', '9223372036854775808']) {
    expect(() => count(text)).toThrow(
      `json: cannot unmarshal number ${text} into Go struct field Inner.Count of type int64`,
    );
  }
});

test('a document may be deep, but not deeper than Go allows', () => {
  expect(parseJson(`${'['.repeat(10_000)}"]"${']'.repeat(10_000)}`)).toHaveLength(1);
  expect(() => parseJson('['.repeat(10_001))).toThrow('exceeded max depth');
});

test('encoding leaves out what omitempty says, but not a pointer to false', () => {
  const value = outer.decode({ Inner: { Flag: false }, Set: {}, Number: 0 }, 'Outer');
  expect(outer.encode(value)).toEqual({
    ...{ Name: '', List: null, Map: null, Set: undefined, Cmd: null, Port: 0, Number: undefined },
    Inner: { Count: 0, Flag: false },
  });
});

test.each([
  ['{bad', "invalid character 'b' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
  ['[1 2]', "invalid character '2' after array element"],
  ['{"a":}', "invalid character '}' looking for beginning of value"],
  ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
  ['{} x', 'unexpected content after JSON'],
  ['"\\q"', "invalid character 'q' in string escape code"],
  ['{"a":"b', 'unexpected EOF'],
  ['{"a":', 'unexpected EOF'],
])('malformed JSON %s: %s', (text, message) => {
  expect(describeSyntaxError(text)).toBe(message);
});
