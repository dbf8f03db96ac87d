import { TimeoutError } from '../concurrency/until.ts';
import { processGone } from './process-gone.ts';
import { signalProcess, type ProcessIdentity } from './process-identity.ts';

const intervalMs = 50;

/** SIGTERM, and SIGKILL once `graceMs` has passed (0: SIGKILL at once). Resolves when the process is gone. */
export async function terminate(identity: ProcessIdentity, options: { graceMs: number }): Promise<void> {
  if (options.graceMs > 0 && (await signalProcess(identity, 'SIGTERM'))) {
    try {
      await processGone(identity, { timeoutMs: options.graceMs, intervalMs });
      return;
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
    }
  }
  if (await signalProcess(identity, 'SIGKILL')) await processGone(identity, { timeoutMs: 10_000, intervalMs });
}
