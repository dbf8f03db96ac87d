import type { StreamName } from '../stdio/output-hub.ts';

/** One line (with its newline) or a piece of one longer than 16 KiB. */
export interface LogEntry {
  stream: StreamName;
  /** Wall clock, nanoseconds. */
  timeNs: bigint;
  line: string;
  /** Labels and environment that the log options name; shown with `details`. */
  attributes?: Record<string, string>;
}
