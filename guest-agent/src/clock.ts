/** Wall clock in nanoseconds. */
export type NanoClock = () => bigint;

let anchorWallMs = 0;
let anchorNs = 0n;

/**
 * Wall time with sub-millisecond steps: the high-resolution clock, anchored to the wall clock and anchored again when
 * that has been stepped (a laptop that slept). Never runs backwards while the wall clock does not.
 */
export const wallClock: NanoClock = () => {
  const wallMs = Date.now();
  const monotonic = process.hrtime.bigint();
  const derivedMs = anchorWallMs + Number((monotonic - anchorNs) / 1_000_000n);
  if (Math.abs(derivedMs - wallMs) > 2) {
    anchorWallMs = wallMs;
    anchorNs = monotonic;
  }
  return BigInt(anchorWallMs) * 1_000_000n + (monotonic - anchorNs);
};

/** Go's zero time, which Docker shows for "never". */
export const zeroTime = '0001-01-01T00:00:00Z';

let lastSecond = -1n;
let lastSecondText = '';

/** RFC 3339 in UTC with up to nine decimals, trailing zeros left out, as Go's time.RFC3339Nano. */
export function rfc3339Nano(ns: bigint): string {
  const second = ns / 1_000_000_000n;
  if (second !== lastSecond) {
    lastSecond = second;
    lastSecondText = new Date(Number(second) * 1000).toISOString().slice(0, 19);
  }
  const fraction = (ns % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return fraction === '' ? `${lastSecondText}Z` : `${lastSecondText}.${fraction}Z`;
}

/** Nanoseconds of an RFC 3339 text with up to nine decimals. */
export function parseRfc3339Nano(text: string): bigint {
  const match = /^(.{19})(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!match?.[1] || !match[3]) throw new RangeError(`not an RFC 3339 time: ${text}`);
  const seconds = Date.parse(`${match[1]}${match[3]}`) / 1000;
  return BigInt(seconds) * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0') || '0');
}
