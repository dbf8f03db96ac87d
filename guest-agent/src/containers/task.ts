import type { LogWriter } from './logs/log-writer.ts';
import type { ProcessStreams } from './stdio/process-streams.ts';

/** A container's running process, as long as the agent looks after it. */
export interface Task {
  readonly pid: number;
  readonly streams: ProcessStreams;
  /** null: the container's log driver keeps nothing. */
  readonly log: LogWriter | null;
  oomKilled: boolean;
}
