import type { LogMessage } from '../remote/message.ts';
import type { SyslogFormat } from './options.ts';

export interface SyslogHeader {
  format: SyslogFormat;
  /** 0 to 23. */
  facility: number;
  tag: string;
  hostname: string;
  /** Each message is preceded by its length (RFC 5425), so that it may hold anything. */
  framed: boolean;
}

const errorSeverity = 3;
const infoSeverity = 6;
const newline = Buffer.from('\n');

/** One line as a syslog message, with its newline. */
export function syslogMessage({ stream, timeNs, line }: LogMessage, header: SyslogHeader): Buffer {
  const priority = header.facility * 8 + (stream === 'stderr' ? errorSeverity : infoSeverity);
  const prefix = Buffer.from(prefixes[header.format](priority, timeNs, header));
  const message = Buffer.concat([prefix, line, newline]);
  return header.framed ? Buffer.concat([Buffer.from(`${message.length} `), message]) : message;
}

type Prefix = (priority: number, timeNs: bigint, header: SyslogHeader) => string;

const rfc5424 =
  (time: (ns: bigint) => string): Prefix =>
  (priority, ns, { hostname, tag }) =>
    `<${priority}>1 ${time(ns)} ${hostname} ${tag} ${process.pid} ${tag} - `;

const prefixes: Readonly<Record<SyslogFormat, Prefix>> = {
  '': (priority, ns, { tag }) => `<${priority}>${stamp(ns)} ${tag}[${process.pid}]: `,
  rfc3164: (priority, ns, { hostname, tag }) => `<${priority}>${stamp(ns)} ${hostname} ${tag}[${process.pid}]: `,
  rfc5424: rfc5424((ns) => `${localTime(ns)}${zone(ns)}`),
  rfc5424micro: rfc5424((ns) => `${localTime(ns)}.${micros(ns)}${zone(ns)}`),
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');
const dateOf = (ns: bigint): Date => new Date(Number(ns / 1_000_000n));
const clockOf = (date: Date): string => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;

/** 'Nov  5 09:07:03', local time. */
function stamp(ns: bigint): string {
  const date = dateOf(ns);
  return `${months[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${clockOf(date)}`;
}

function localTime(ns: bigint): string {
  const date = dateOf(ns);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${clockOf(date)}`;
}

const micros = (ns: bigint): string => ((ns / 1000n) % 1_000_000n).toString().padStart(6, '0');

function zone(ns: bigint): string {
  const minutes = -dateOf(ns).getTimezoneOffset();
  if (minutes === 0) return 'Z';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
