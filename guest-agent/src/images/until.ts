import { InvalidParameterError } from '../api/errors.ts';

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

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

function goDurationMs(value: string): number | undefined {
  const sign = value.startsWith('-') ? -1 : 1;
  const body = value.replace(/^[+-]/, '');
  if (!/^(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(body)) return body === '0' ? 0 : undefined;
  let total = 0;
  for (const [, amount, unit] of body.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  }
  return sign * total;
}
