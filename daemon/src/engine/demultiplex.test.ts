import { expect, test } from 'vitest';
import { Demultiplexer } from './demultiplex.ts';

function frame(stream: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

const bytes = Buffer.concat([frame(1, 'hällo '), frame(2, 'nö\n'), frame(1, ''), frame(1, 'world\n')]);

test.each([1, 2, 3, 7, 8, 9, 100])('pieces of %d bytes come to the same', (size) => {
  const demultiplexer = new Demultiplexer(true);
  const output = { stdout: '', stderr: '' };
  for (let at = 0; at < bytes.length; at += size) {
    for (const { stream, text } of demultiplexer.push(bytes.subarray(at, at + size))) output[stream] += text;
  }
  expect(output).toEqual({ stdout: 'hällo world\n', stderr: 'nö\n' });
});

test('neighbours of one stream become one piece', () => {
  const lines = Buffer.concat(Array.from({ length: 1000 }, (_, n) => frame(1, `${n}\n`)));
  expect(new Demultiplexer(true).push(lines)).toHaveLength(1);
});

test('the output of a terminal has no frames', () => {
  const demultiplexer = new Demultiplexer(false);
  const [piece] = demultiplexer.push(bytes);
  expect(piece?.text).toContain('hällo');
});
