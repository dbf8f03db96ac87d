import { expect, test } from 'vitest';
import { LineBuffer } from './line-buffer.ts';

const texts = (buffer: LineBuffer) => buffer.lines.map(({ text }) => text);

test('lines come whole, wherever the output was cut', () => {
  const buffer = new LineBuffer(10);
  buffer.append('stdout', 'on');
  buffer.append('stderr', 'error\n');
  buffer.append('stdout', 'e\ntwo\nthr');
  expect(texts(buffer)).toEqual(['error', 'one', 'two']);
  buffer.flush();
  expect(texts(buffer)).toEqual(['error', 'one', 'two', 'thr']);
});

test('a million lines leave the last ones, and their numbers tell how many there were', () => {
  const buffer = new LineBuffer(1000);
  for (let part = 0; part < 100; part++) {
    const lines = Array.from({ length: 10_000 }, (_, index) => `line ${part * 10_000 + index}\n`);
    buffer.append('stdout', lines.join(''));
  }
  expect(buffer.lines).toHaveLength(1000);
  expect(buffer.total).toBe(1_000_000);
  expect(buffer.lines.at(-1)).toEqual({ number: 999_999, text: 'line 999999', source: 'stdout' });
});

test('a line without end is cut into pieces', () => {
  const buffer = new LineBuffer(100);
  for (let part = 0; part < 50; part++) buffer.append('stdout', 'x'.repeat(1000));
  expect(Math.max(...buffer.lines.map(({ text }) => text.length))).toBe(4000);
  expect(buffer.lines.length).toBeGreaterThanOrEqual(11);
});

test('escape sequences and control characters are left out', () => {
  const buffer = new LineBuffer(10);
  buffer.append('stdout', '\x1b[31mred\x1b[0m \x1b]0;title\x07bell\x07\r\ta\n');
  expect(texts(buffer)).toEqual(['red bell\ta']);
});
