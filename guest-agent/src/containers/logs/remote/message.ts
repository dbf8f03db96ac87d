import type { StreamName } from '../../stdio/output-hub.ts';
import type { PartialLine } from '../line-splitter.ts';

/** A line on its way to a log server. */
export interface LogMessage {
  stream: StreamName;
  /** Wall clock, nanoseconds. */
  timeNs: bigint;
  /** Without its newline. */
  line: Buffer;
  /** Only of a line that comes in pieces. */
  partial?: PartialLine;
}

/** The way to a log server. */
export interface LogSender {
  /** First connection; its failure fails the container's start, with Docker's words. */
  open(signal: AbortSignal): Promise<void>;
  /**
   * Hands messages over, in order, and connects again where the way is broken. Settles when all are out of this
   * process; rejects when they are given up. One call at a time.
   */
  send(messages: readonly LogMessage[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
