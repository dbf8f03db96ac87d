import { until } from '../concurrency/until.ts';
import { platform } from '../platform/platform.ts';
import { isPidInUse } from './pid-in-use.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

export interface ProcessGoneOptions {
  /** How long to wait, with a TimeoutError after; left out: for ever. */
  timeoutMs?: number;
  /** Longest time between two looks. */
  intervalMs: number;
  signal?: AbortSignal;
}

/** Resolves once the process is gone; rejects when `signal` aborts. */
export async function processGone(identity: ProcessIdentity, options: ProcessGoneOptions): Promise<void> {
  let surelyAliveAt = Number.NEGATIVE_INFINITY;
  const isGone = async () => {
    if (performance.now() - surelyAliveAt < platform.trustsPidForMs && isPidInUse(identity.pid)) return false;
    if (!(await isAlive(identity))) return true;
    surelyAliveAt = performance.now();
    return false;
  };
  const { timeoutMs = Number.POSITIVE_INFINITY, intervalMs, signal } = options;
  await until(isGone, { timeoutMs, maxIntervalMs: intervalMs, what: `end of process ${identity.pid}`, signal });
}
