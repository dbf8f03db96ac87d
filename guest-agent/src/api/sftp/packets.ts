/** Longest SFTP packet that is taken, its length not counted. */
const maxPacketBytes = 2 * 1024 * 1024;
const lengthBytes = 4;

/** The other end does not speak SFTP. */
export class BadMessageError extends Error {
  override readonly name = 'BadMessageError';
}

/** Cuts a stream of bytes into SFTP packets (without their length). Throws {@link BadMessageError}. */
export async function* packetsIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let wantedBytes = lengthBytes;
  for await (const chunk of chunks) {
    gathered.push(chunk);
    gatheredBytes += chunk.length;
    // A large packet comes in many pieces, which are not copied again with each of them.
    if (gatheredBytes < wantedBytes) continue;
    let rest = gathered.length === 1 ? chunk : Buffer.concat(gathered);
    for (wantedBytes = wholeLength(rest); wantedBytes <= rest.length; wantedBytes = wholeLength(rest)) {
      yield rest.subarray(lengthBytes, wantedBytes);
      rest = rest.subarray(wantedBytes);
    }
    gathered = [rest];
    gatheredBytes = rest.length;
  }
}

/** Of the packet that begins here; as far as that can be told. */
function wholeLength(bytes: Buffer): number {
  if (bytes.length < lengthBytes) return lengthBytes;
  const length = bytes.readUInt32BE();
  if (length === 0 || length > maxPacketBytes) throw new BadMessageError(`a packet of ${length} bytes`);
  return lengthBytes + length;
}
