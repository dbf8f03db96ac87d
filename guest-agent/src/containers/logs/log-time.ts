import { SystemError } from '../../api/index.ts';

/** 'seconds[.fraction]' since the epoch → nanoseconds; null for '' and '0', which set no bound. */
export function parseLogTime(text: string): bigint | null {
  if (text === '' || text === '0') return null;
  const match = /^(-?\d+)(?:\.(\d+))?$/.exec(text);
  if (!match?.[1])
    throw new SystemError(`strconv.ParseInt: parsing ${JSON.stringify(text.split('.')[0])}: invalid syntax`);
  const fraction = (match[2] ?? '').slice(0, 9).padEnd(9, '0');
  return BigInt(match[1]) * 1_000_000_000n + BigInt(fraction);
}
