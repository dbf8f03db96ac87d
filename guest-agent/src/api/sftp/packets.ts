/** Longest SFTP packet that is taken, its length not counted. */
const maxPacketBytes = 1024 * 1024;
const lengthBytes = 4;

/** The other end does not speak SFTP. */
export class BadMessageError extends Error {
  override readonly name = 'BadMessageError';
}

/** Cuts a stream of bytes into SFTP packets (without their length). Throws {@link BadMessageError}. */
export async function* packetsIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= lengthBytes) {
      const length = rest.readUInt32BE();
      if (length === 0 || length > maxPacketBytes) throw new BadMessageError(`a packet of ${length} bytes`);
      if (rest.length < lengthBytes + length) break;
      yield rest.subarray(lengthBytes, lengthBytes + length);
      rest = rest.subarray(lengthBytes + length);
    }
  }
}
