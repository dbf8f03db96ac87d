/** `problem`: has to be fixed; `warning`: works, but not as well as it could; `skipped`: does not matter on this host. */
export type FindingState = 'ok' | 'warning' | 'problem' | 'skipped';

/** What a check found, in one line, and how to put it right. */
export interface Finding {
  state: FindingState;
  finding: string;
  /** null when there is nothing to put right. */
  fix: string | null;
}

export interface NamedFinding extends Finding {
  check: string;
}
