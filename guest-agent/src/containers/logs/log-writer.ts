import type { StreamName } from '../stdio/output-hub.ts';

/** A log that is being written. */
export interface LogWriter {
  /** Files that were moved aside since this writer began. */
  readonly rotations: number;
  /** A promise: whoever writes waits for it, so that nothing piles up. */
  write(stream: StreamName, chunk: Buffer): Promise<void> | undefined;
  /** Writes what is left of unfinished lines and closes the log. */
  close(): Promise<void>;
  /** Called after entries have reached the file that `docker logs` reads, and once it is closed. */
  onChange(listener: () => void): () => void;
}
