import type { ContainerConfig } from '../../api/engine/container-config.ts';

/** One run of the check; times are RFC 3339 with nanoseconds. */
export interface HealthRun {
  Start: string;
  End: string;
  /** 0 is healthy; -1: it did not end in time or could not be run. */
  ExitCode: number;
  Output: string;
}

/**
 *   starting ──exit 0──► healthy ◄──exit 0── unhealthy
 *      └─ retries failed ─►└─ retries failed ─►│
 *      └───── the container stops or pauses ──►│
 */
export interface HealthState {
  status: 'starting' | 'healthy' | 'unhealthy';
  /** Failures in a row; those of the start period do not count. */
  failingStreak: number;
  /** The last five. */
  log: readonly HealthRun[];
}

/** What to run and when; 0 nowhere. */
export interface HealthCheck {
  command: string[];
  intervalMs: number;
  timeoutMs: number;
  /** After the container's start; failures do not count until then. */
  startPeriodMs: number;
  /** Between runs while the period lasts and nothing has succeeded. */
  startIntervalMs: number;
  retries: number;
}

const keptRuns = 5;

/** null: no check, or one that is switched off. Defaults are Docker's. */
export function healthCheck({ Healthcheck, Shell }: ContainerConfig): HealthCheck | null {
  const [kind, ...rest] = Healthcheck?.Test ?? [];
  if (!Healthcheck || rest.length === 0 || (kind !== 'CMD' && kind !== 'CMD-SHELL')) return null;
  const shell = Shell?.length ? Shell : ['/bin/sh', '-c'];
  return {
    command: kind === 'CMD' ? rest : [...shell, ...rest],
    intervalMs: milliseconds(Healthcheck.Interval, 30_000),
    timeoutMs: milliseconds(Healthcheck.Timeout, 30_000),
    startPeriodMs: milliseconds(Healthcheck.StartPeriod, 0),
    startIntervalMs: milliseconds(Healthcheck.StartInterval, 5_000),
    retries: Healthcheck.Retries > 0 ? Healthcheck.Retries : 3,
  };
}

const milliseconds = (ns: number, absent: number): number => (ns === 0 ? absent : ns / 1_000_000);

/** How long to wait for the next run, `upMs` after the container's start. */
export function nextRunMs(check: HealthCheck, health: HealthState, upMs: number): number {
  const isStarting = upMs < check.startPeriodMs && health.status === 'starting';
  return isStarting ? check.startIntervalMs : check.intervalMs;
}

/** `startedMs`: when the run began, after the container's start. */
export function afterRun(
  check: HealthCheck,
  health: HealthState,
  { run, startedMs }: { run: HealthRun; startedMs: number },
): HealthState {
  const log = [...health.log, run].slice(-keptRuns);
  if (run.ExitCode === 0) return { status: 'healthy', failingStreak: 0, log };
  if (health.status === 'starting' && startedMs < check.startPeriodMs) return { ...health, log };
  const failingStreak = health.failingStreak + 1;
  return { status: failingStreak >= check.retries ? 'unhealthy' : health.status, failingStreak, log };
}
