import { describe, expect, test } from 'vitest';
import { parseRfc3339Nano, rfc3339Nano } from '../../clock.ts';
import { formatEntry, parseEntry } from './json-file-format.ts';
import { LineSplitter, maxPieceBytes } from './line-splitter.ts';
import { parseLogTime } from './log-time.ts';

/** A clock that moves by one with every look at it. */
const ticking = () => {
  let now = 0n;
  return () => ++now;
};

describe('cutting output into lines', () => {
  const texts = (splitter: LineSplitter, ...chunks: string[]) =>
    [...chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk))), ...splitter.flush()].map(({ bytes }) =>
      bytes.toString(),
    );

  test('lines keep their newline, the rest has none', () => {
    expect(texts(new LineSplitter(ticking()), 'a\nb', 'c\n\nd')).toEqual(['a\n', 'bc\n', '\n', 'd']);
  });

  test('a longer line comes in pieces that share the time of the first', () => {
    const splitter = new LineSplitter(ticking());
    const pieces = [...splitter.push(Buffer.from(`${'x'.repeat(maxPieceBytes * 2 + 10)}\nnext\n`))];
    expect(pieces.map(({ bytes }) => bytes.length)).toEqual([maxPieceBytes, maxPieceBytes, 11, 5]);
    expect(pieces.map(({ timeNs }) => timeNs)).toEqual([1n, 1n, 1n, 2n]);
  });
});

describe('the json-file format', () => {
  test('is what dockerd writes', () => {
    const line = formatEntry(
      { stream: 'stdout', timeNs: 1_700_000_000_120_000_000n, bytes: Buffer.from('<a&b>\x01é\n') },
      '',
    );
    expect(line).toBe(
      '{"log":"\\u003ca\\u0026b\\u003e\\u0001é\\n","stream":"stdout","time":"2023-11-14T22:13:20.12Z"}\n',
    );
    expect(parseEntry(line)).toEqual({ line: '<a&b>\x01é\n', stream: 'stdout', time: '2023-11-14T22:13:20.12Z' });
  });

  test('a line that a crash cut off is no entry', () => {
    expect(parseEntry('{"log":"x')).toBeNull();
  });
});

test('times', () => {
  expect(rfc3339Nano(0n)).toBe('1970-01-01T00:00:00Z');
  expect(rfc3339Nano(1_000_000_001n)).toBe('1970-01-01T00:00:01.000000001Z');
  expect(parseRfc3339Nano('1970-01-01T01:00:01.5+01:00')).toBe(1_500_000_000n);
  expect(parseLogTime('12.000000003')).toBe(12_000_000_003n);
  expect(parseLogTime('')).toBeNull();
  expect(() => parseLogTime('x')).toThrow('strconv.ParseInt: parsing "x": invalid syntax');
});
