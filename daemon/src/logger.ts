import { writeSync } from 'node:fs';
import { pino } from 'pino';

export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** JSON lines on stdout, which the one who starts the daemon directs into its log file. */
export function createLogger(level: string): pino.Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write: writeLine });
}

/** A log that cannot be written (full disk, closed terminal) must not end the daemon. */
function writeLine(line: string): void {
  try {
    writeSync(1, line);
  } catch {
    // There is nowhere left to say so.
  }
}
