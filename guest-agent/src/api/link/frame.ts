/**
 * Frames of the link: a header (type, zero, payload length, stream number; big-endian), the payload, and a mark that
 * tells a complete frame from one that was cut off and filled up with padding.
 */
export const frameType = { open: 1, opened: 2, data: 3, end: 4, reset: 5, credit: 6 } as const;
export type FrameType = (typeof frameType)[keyof typeof frameType];

export interface Frame {
  type: FrameType;
  stream: number;
  payload: Buffer;
}

export const maxPayloadBytes = 32 * 1024;
const headerBytes = 8;
const endMark = 0xa5;
const markBytes = Buffer.of(endMark);
const lastType = frameType.credit;

/** As long as the longest frame: whatever was cut off before is complete, and broken, after it. Zeros are no frames. */
export const padding = Buffer.alloc(headerBytes + maxPayloadBytes + 1);

/** The parts of a frame, to be written one after the other. */
export function frameParts({ type, stream, payload }: Frame): Buffer[] {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(payload.length, 2);
  header.writeUInt32BE(stream, 4);
  return payload.length === 0 ? [header, markBytes] : [header, payload, markBytes];
}

/** What stands at the beginning of `bytes`. */
export type Parsed =
  | { kind: 'frame'; frame: Frame; length: number }
  | { kind: 'padding'; length: number }
  | { kind: 'partial' }
  | { kind: 'broken' };

export function parseFrame(bytes: Buffer): Parsed {
  const first = bytes[0];
  if (first === undefined) return { kind: 'partial' };
  if (first === 0) return { kind: 'padding', length: zerosIn(bytes) };
  if (first > lastType) return { kind: 'broken' };
  if (bytes.length < headerBytes) return { kind: 'partial' };
  const payloadBytes = bytes.readUInt16BE(2);
  if (payloadBytes > maxPayloadBytes) return { kind: 'broken' };
  const length = headerBytes + payloadBytes + 1;
  if (bytes.length < length) return { kind: 'partial' };
  if (bytes[length - 1] !== endMark) return { kind: 'broken' };
  const payload = bytes.subarray(headerBytes, length - 1);
  return { kind: 'frame', frame: { type: first as FrameType, stream: bytes.readUInt32BE(4), payload }, length };
}

function zerosIn(bytes: Buffer): number {
  let count = 0;
  while (count < bytes.length && bytes[count] === 0) count += 1;
  return count;
}
