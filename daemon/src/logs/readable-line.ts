const levels: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

interface PinoLine {
  level: number;
  time: string;
  msg?: string;
  err?: { message?: string; stack?: string };
}

/** A line of our own logs for people; lines of other programs stay as they are. */
export function readableLine(line: string): string {
  const entry = parse(line);
  if (!entry) return line;
  const { level, time, msg, err, ...fields } = entry;
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const parts = [time, (levels[level] ?? String(level)).padEnd(5), msg ?? '', ...rest, err?.message ?? ''];
  return parts.filter((part) => part !== '').join(' ');
}

function parse(line: string): PinoLine | null {
  if (!line.startsWith('{"level":')) return null;
  try {
    return JSON.parse(line) as PinoLine;
  } catch {
    return null;
  }
}
