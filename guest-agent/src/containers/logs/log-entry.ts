import type { StreamName } from '../stdio/output-hub.ts';

/** One line (with its newline) or a piece of one longer than 16 KiB. */
export interface LogEntry {
  stream: StreamName;
  /** RFC 3339 with up to nine decimals, as it was written. */
  time: string;
  line: string;
  /** Labels and environment that the log options name; shown with `details`. */
  attributes?: Record<string, string>;
}
