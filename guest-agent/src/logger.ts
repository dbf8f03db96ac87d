import { writeSync } from 'node:fs';
import { pino } from 'pino';

export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** One logger a process, JSON lines on stdout; every part takes it (or a child) from the composition root. */
export function createLogger(level: string): pino.Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write: writeLine });
}

/** A log that cannot be written (the disk is full) must not end the agent: containers would go without an engine. */
function writeLine(line: string): void {
  try {
    writeSync(1, line);
  } catch {
    // There is nowhere left to say so.
  }
}
