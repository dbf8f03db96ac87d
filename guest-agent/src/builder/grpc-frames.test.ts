import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { frame, onlyMessage, packBytes, unpackBytes } from './grpc-frames.ts';

const all = async (stream: Readable) => Buffer.concat((await stream.toArray()) as Buffer[]);

describe('frames', () => {
  it('carry a message of any length there and back, however it is cut', async () => {
    const chunks = [1, 127, 128, 16_383, 16_384, 300_000].map((length) => Buffer.alloc(length, length));
    const packed = await all(Readable.from(chunks).pipe(packBytes()));
    for (const size of [7, 1000, packed.length]) {
      const pieces = Array.from({ length: Math.ceil(packed.length / size) }, (_, index) =>
        packed.subarray(index * size, (index + 1) * size),
      );
      expect((await all(Readable.from(pieces).pipe(unpackBytes()))).equals(Buffer.concat(chunks))).toBe(true);
    }
  });

  it('are read only when they are whole, plain and alone', () => {
    const message = Buffer.from('abc');
    expect(onlyMessage(frame(message))).toEqual(message);
    expect(onlyMessage(frame(message).subarray(0, 6))).toBeNull();
    expect(onlyMessage(Buffer.concat([frame(message), frame(message)]))).toBeNull();
    expect(onlyMessage(Buffer.concat([Buffer.from([1]), frame(message).subarray(1)]))).toBeNull();
  });
});
