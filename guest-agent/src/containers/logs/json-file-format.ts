import { rfc3339Nano } from '../../clock.ts';
import type { LogEntry } from './log-entry.ts';

const htmlEscapes: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};
const escapable = /[<>&\u2028\u2029]/g;

/** Go's JSON encoder escapes for HTML; tools that read the file may compare bytes. */
function quote(text: string): string {
  const quoted = JSON.stringify(text);
  return escapable.test(quoted)
    ? quoted.replace(escapable, (character) => htmlEscapes[character] ?? character)
    : quoted;
}

/** Labels, variables and tag of a log as they stand in each of its lines; '' for none. */
export function attributesJson(attributes: Record<string, string>): string {
  const members = Object.entries(attributes).map(([name, value]) => `${quote(name)}:${quote(value)}`);
  return members.length === 0 ? '' : `{${members.join(',')}}`;
}

/** A line of Docker's json-file log. `attributes` is the ready JSON of the log's attributes, '' for none. */
export function formatEntry(entry: { stream: string; timeNs: bigint; bytes: Buffer }, attributes: string): string {
  const attrs = attributes === '' ? '' : `,"attrs":${attributes}`;
  return `{"log":${quote(entry.bytes.toString('utf8'))},"stream":"${entry.stream}"${attrs},"time":"${rfc3339Nano(entry.timeNs)}"}\n`;
}

/** null for a line that is no entry: what a crash cut off is skipped, not fatal. */
export function parseEntry(line: string): LogEntry | null {
  try {
    const { log, stream, time, attrs } = JSON.parse(line) as {
      log: string;
      stream: LogEntry['stream'];
      time: string;
      attrs?: Record<string, string>;
    };
    if (typeof time !== 'string') return null;
    return attrs ? { line: log ?? '', stream, time, attributes: attrs } : { line: log ?? '', stream, time };
  } catch {
    return null;
  }
}
