import type { Finding } from '../api/findings.ts';

export type { Finding, FindingState, NamedFinding } from '../api/findings.ts';

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
