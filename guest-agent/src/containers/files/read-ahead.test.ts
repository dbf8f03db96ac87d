import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readAhead } from './read-ahead.ts';

const chunks = (count: number) => Array.from({ length: count }, (_, i) => Buffer.from(`chunk ${i};`));

test('a short stream is there as a whole', async () => {
  const stream = Readable.from(chunks(3), { objectMode: false });
  const { head, isWhole } = await readAhead(stream, 1000);
  expect([head.toString(), isWhole]).toEqual(['chunk 0;chunk 1;chunk 2;', true]);
  expect((await readAhead(Readable.from([]), 10)).isWhole).toBe(true);
});

test('of a long one the beginning, and the rest stays', async () => {
  const stream = Readable.from(chunks(100), { objectMode: false });
  const { head, isWhole } = await readAhead(stream, 20);
  expect(isWhole).toBe(false);
  stream.unshift(head);
  const all: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) all.push(chunk);
  expect(Buffer.concat(all).equals(Buffer.concat(chunks(100)))).toBe(true);
});

test('one that breaks off is an error', async () => {
  const stream = new PassThrough();
  const reading = readAhead(stream, 10);
  stream.destroy(new Error('gone'));
  await expect(reading).rejects.toThrow('gone');
});
