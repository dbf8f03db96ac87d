import { rfc3339Nano, zeroTime } from '../clock.ts';
import type { HealthState } from './health/health.ts';

/**
 *   created ──start──► running ◄──unpause── paused
 *      │               │  ▲ └────pause─────►  │
 *      │             exit │start              │ exit
 *      │               ▼  │                   ▼
 *      │             exited ◄── policy gives up ── restarting ◄── exit, the policy says again
 *      └────remove────►│
 *                      ▼
 *                  removing ──failed──► dead ──remove──► (gone)
 */
export type Phase = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'removing' | 'dead';

/** What changes while a container lives. Times are RFC 3339 with nanoseconds; Go's zero time means never. */
export interface ContainerState {
  phase: Phase;
  /** 0 while there is no process. */
  pid: number;
  /** Of the last run; 0 before there was one. */
  exitCode: number;
  /** Why the last start failed; '' if it did not. */
  error: string;
  oomKilled: boolean;
  startedAt: string;
  finishedAt: string;
  /** Restarts by policy since the last start that somebody asked for. */
  restartCount: number;
  /** Stopped or killed on request: the restart policy stays out of it. */
  stoppedByUser: boolean;
  /** A removal under way takes the anonymous volumes along. */
  removesVolumes?: boolean;
  /** Somebody tried to start it: its files are there. */
  startAttempted: boolean;
  /** Whether a start got as far as its log; absent in states that are older than this. */
  logStarted?: boolean;
  /** Absent: it has no health check, or has not run yet. */
  health?: HealthState;
  /** Started at least once; what `docker start` of the machine's boot looks at. */
  hasRun: boolean;
}

export const initialState: ContainerState = {
  phase: 'created',
  pid: 0,
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt: zeroTime,
  finishedAt: zeroTime,
  restartCount: 0,
  stoppedByUser: false,
  startAttempted: false,
  logStarted: false,
  hasRun: false,
};

export function isRunning(state: ContainerState): boolean {
  return state.phase === 'running' || state.phase === 'paused' || state.phase === 'restarting';
}

/** True while there is a task, also a frozen one. */
export function hasTask(state: ContainerState): boolean {
  return state.phase === 'running' || state.phase === 'paused';
}

export function started(pid: number, atNs: bigint): (old: ContainerState) => ContainerState {
  return (old) => ({
    ...old,
    phase: 'running',
    pid,
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: rfc3339Nano(atNs),
    logStarted: true,
    hasRun: true,
  });
}

export function exited(
  exit: { exitCode: number; atNs: bigint; oomKilled: boolean },
  again: boolean,
): (old: ContainerState) => ContainerState {
  return (old) => ({
    ...old,
    phase: again ? 'restarting' : 'exited',
    restartCount: old.restartCount + (again ? 1 : 0),
    pid: 0,
    exitCode: exit.exitCode,
    oomKilled: exit.oomKilled || old.oomKilled,
    finishedAt: rfc3339Nano(exit.atNs),
  });
}

/** A start that failed before the process ran. */
export function startFailed(error: {
  exitCode: number;
  message: string;
  logStarted: boolean;
}): (old: ContainerState) => ContainerState {
  return (old) => ({
    ...old,
    phase: old.hasRun ? 'exited' : 'created',
    logStarted: (old.logStarted ?? true) || error.logStarted,
    pid: 0,
    exitCode: error.exitCode,
    error: error.message,
  });
}
