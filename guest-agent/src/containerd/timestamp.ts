import type { Timestamp } from '../gen/google/protobuf/timestamp.ts';

export type { Timestamp };

/** Go's zero time, which Docker prints for "never". */
export const zeroTime = '0001-01-01T00:00:00Z';

/** RFC 3339 with nanoseconds and without trailing zeros, as Go's RFC3339Nano; {@link zeroTime} when absent. */
export function toRfc3339Nano(timestamp: Timestamp | undefined): string {
  if (!timestamp) return zeroTime;
  const seconds = new Date(timestamp.seconds * 1000).toISOString().slice(0, 19);
  const fraction = timestamp.nanos.toString().padStart(9, '0').replace(/0+$/, '');
  return fraction ? `${seconds}.${fraction}Z` : `${seconds}Z`;
}

/** Whole milliseconds since the epoch; 0 when absent. */
export function toEpochMs(timestamp: Timestamp | undefined): number {
  return timestamp ? timestamp.seconds * 1000 + Math.floor(timestamp.nanos / 1e6) : 0;
}

export function toNanoseconds(timestamp: Timestamp): bigint {
  return BigInt(timestamp.seconds) * 1_000_000_000n + BigInt(timestamp.nanos);
}

export function fromEpochMs(epochMs: number): Timestamp {
  const seconds = Math.floor(epochMs / 1000);
  return { seconds, nanos: (epochMs - seconds * 1000) * 1e6 };
}
