import { InvalidParameterError } from '../api/errors.ts';
import { parseDurationMs } from '../text/go-duration.ts';

/**
 * The moment that an `until` filter means, in milliseconds since the epoch: a Go duration before now, seconds since
 * the epoch, or a date with or without time and zone (UTC where it has none).
 */
export function untilMs(value: string, nowMs: number): number {
  const durationMs = goDurationMs(value);
  if (durationMs !== undefined) return nowMs - durationMs;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const dated = /^\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d(\.\d+)?)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(value);
  const parsed = dated ? Date.parse(completed(value, dated)) : NaN;
  if (Number.isNaN(parsed)) {
    throw new InvalidParameterError(`failed to parse value as time or duration: ${JSON.stringify(value)}`);
  }
  return parsed;
}

function completed(value: string, [, time, minutes, , , zone]: RegExpExecArray): string {
  const bare = zone ? value.slice(0, -zone.length) : value;
  const filled = time === undefined ? `${bare}T00:00` : minutes === undefined ? `${bare}:00` : bare;
  return filled + (zone ?? 'Z');
}

/** undefined: it may still be a date. */
function goDurationMs(value: string): number | undefined {
  try {
    return parseDurationMs(value);
  } catch {
    return undefined;
  }
}
