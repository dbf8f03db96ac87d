import { rfc3339Nano } from '../../clock.ts';
import type { LogEntry } from './log-entry.ts';

/** RFC 3339 with all nine decimals: `docker logs -t` lines up. */
function fixedTime(ns: bigint): string {
  const [second = ''] = rfc3339Nano(ns).split(/[.Z]/);
  return `${second}.${(ns % 1_000_000_000n).toString().padStart(9, '0')}Z`;
}

export function formatLogLine(entry: LogEntry, format: { timestamps: boolean; details: boolean }): Buffer {
  const details = format.details ? `${detailsOf(entry)} ` : '';
  const time = format.timestamps ? `${fixedTime(entry.timeNs)} ` : '';
  return Buffer.from(`${time}${details}${entry.line}`);
}

const detailsOf = ({ attributes }: LogEntry): string =>
  Object.entries(attributes ?? {})
    .map(([key, value]) => `${queryEscape(key)}=${queryEscape(value)}`)
    .sort()
    .join(',');

/** Go's url.QueryEscape. */
const queryEscape = (text: string): string =>
  encodeURIComponent(text)
    .replace(/%20/g, '+')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
