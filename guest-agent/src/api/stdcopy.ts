/**
 * Docker's multiplexed stream (API section "Attach to a container", stream format): an 8-byte header
 * [stream, 0, 0, 0, length as big-endian uint32] before each piece.
 */
export const streamType = { stdin: 0, stdout: 1, stderr: 2, systemError: 3 } as const;

export function frameHeader(stream: 'stdout' | 'stderr' | 'systemError', length: number): Buffer {
  const header = Buffer.alloc(8);
  header[0] = streamType[stream];
  header.writeUInt32BE(length, 4);
  return header;
}

export function frame(stream: 'stdout' | 'stderr' | 'systemError', payload: Buffer): Buffer {
  return Buffer.concat([frameHeader(stream, payload.length), payload]);
}
