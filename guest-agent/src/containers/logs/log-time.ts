import { SystemError } from '../../api/index.ts';

/** 'seconds[.fraction]' since the epoch → nanoseconds; null for '' and '0', which set no bound. */
export function parseLogTime(text: string): bigint | null {
  if (text === '' || text === '0') return null;
  const [, seconds = '', , fraction = ''] = /^([^.]*)(\.(.*))?$/s.exec(text) ?? [];
  const wrong = [/^[+-]?\d+$/.test(seconds) ? '' : seconds, /^\d*$/.test(fraction) ? '' : fraction].find(Boolean);
  if (wrong !== undefined || seconds === '') {
    throw new SystemError(`strconv.ParseInt: parsing ${JSON.stringify(wrong ?? seconds)}: invalid syntax`);
  }
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}
