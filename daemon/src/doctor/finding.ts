/** `problem`: has to be fixed; `warning`: works, but not as well as it could; `skipped`: does not matter on this host. */
export type FindingState = 'ok' | 'warning' | 'problem' | 'skipped';

/** What a check found, in one line, and how to put it right. */
export interface Finding {
  state: FindingState;
  finding: string;
  /** null when there is nothing to put right. */
  fix: string | null;
}

export function ok(finding: string): Finding {
  return { state: 'ok', finding, fix: null };
}

export function skipped(finding: string): Finding {
  return { state: 'skipped', finding, fix: null };
}

export function warning(finding: string, fix: string): Finding {
  return { state: 'warning', finding, fix };
}

export function problem(finding: string, fix: string): Finding {
  return { state: 'problem', finding, fix };
}
