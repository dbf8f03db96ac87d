import type { RestartPolicy } from '../api/engine/host-config.ts';

const firstDelayMs = 100;
const longestDelayMs = 60_000;
/** A run that lasted this long counts as sound: the delay starts over. */
const soundRunMs = 10_000;

export interface RestartQuestion {
  policy: RestartPolicy;
  exitCode: number;
  /** Restarts by the policy so far. */
  restartCount: number;
  stoppedByUser: boolean;
  ranMs: number;
  /** Delay before the previous restart; 0 if there was none. */
  previousDelayMs: number;
}

/** How long to wait before the next run; null when the policy does not ask for one. */
export function restartDelayMs(question: RestartQuestion): number | null {
  const { policy, stoppedByUser, restartCount, exitCode } = question;
  if (stoppedByUser) return null;
  if (policy.Name === 'on-failure') {
    if (exitCode === 0) return null;
    if (policy.MaximumRetryCount > 0 && restartCount >= policy.MaximumRetryCount) return null;
  } else if (policy.Name !== 'always' && policy.Name !== 'unless-stopped') {
    return null;
  }
  const doubled = question.ranMs >= soundRunMs ? 0 : question.previousDelayMs * 2;
  return Math.min(longestDelayMs, Math.max(firstDelayMs, doubled));
}

export interface LastRun {
  stoppedByUser: boolean;
  hasRun: boolean;
  exitCode: number;
  restartCount: number;
}

/** Whether a container that is not running is to be started when the machine comes up. dockerd has no mercy with `on-failure`. */
export function startsAtBoot(policy: RestartPolicy, { hasRun, ...run }: LastRun): boolean {
  if (!hasRun) return false;
  if (policy.Name === 'always') return true;
  if (policy.Name === 'unless-stopped') return !run.stoppedByUser;
  const mayTry = policy.MaximumRetryCount === 0 || run.restartCount < policy.MaximumRetryCount;
  return policy.Name === 'on-failure' && run.exitCode !== 0 && mayTry;
}
