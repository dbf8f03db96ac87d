import { TimeoutError, until } from '../concurrency/until.ts';
import { isAlive, signalProcess, type ProcessIdentity } from './process-identity.ts';

/** SIGTERM, and SIGKILL once `graceMs` has passed (0: SIGKILL at once). Resolves when the process is gone. */
export async function terminate(identity: ProcessIdentity, options: { graceMs: number }): Promise<void> {
  const gone = (timeoutMs: number) =>
    until(async () => !(await isAlive(identity)), {
      timeoutMs,
      maxIntervalMs: 50,
      what: `end of process ${identity.pid}`,
    });
  if (options.graceMs > 0 && (await signalProcess(identity, 'SIGTERM'))) {
    try {
      await gone(options.graceMs);
      return;
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
    }
  }
  if (await signalProcess(identity, 'SIGKILL')) await gone(10_000);
}
