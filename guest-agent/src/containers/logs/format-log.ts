import { streamType } from '../../api/stdcopy.ts';
import type { LogEntry } from './log-entry.ts';

export interface LogFormat {
  timestamps: boolean;
  details: boolean;
  /** Each line has Docker's 8-byte header; a terminal's go without. */
  framed: boolean;
}

const headerBytes = 8;

/** Lines as a client gets them, in one piece. */
export function formatLog(entries: readonly LogEntry[], format: LogFormat): Buffer {
  const lines = format.timestamps || format.details ? entries.map((entry) => lineOf(entry, format)) : null;
  const textOf = (i: number): string => lines?.[i] ?? (entries[i] as LogEntry).line;
  const extra = format.framed ? headerBytes : 0;
  let length = 0;
  for (let i = 0; i < entries.length; i++) length += Buffer.byteLength(textOf(i)) + extra;
  const buffer = Buffer.allocUnsafe(length);
  let at = 0;
  for (const [i, { stream }] of entries.entries()) {
    const written = buffer.write(textOf(i), at + extra);
    if (format.framed) {
      buffer.writeUInt32BE(streamType[stream] * 2 ** 24, at);
      buffer.writeUInt32BE(written, at + 4);
    }
    at += written + extra;
  }
  return buffer;
}

function lineOf(entry: LogEntry, format: LogFormat): string {
  const details = format.details ? `${detailsOf(entry)} ` : '';
  const time = format.timestamps ? `${fixedTime(entry.time)} ` : '';
  return `${time}${details}${entry.line}`;
}

/** With all nine decimals: `docker logs -t` lines up. */
function fixedTime(time: string): string {
  const [second = '', fraction = ''] = time.slice(0, -1).split('.');
  return `${second}.${fraction.padEnd(9, '0')}Z`;
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
