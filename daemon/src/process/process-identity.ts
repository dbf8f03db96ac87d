import { platform } from '../platform/platform.ts';

/** A process that cannot be mistaken for a later one with the same number, not even after a reboot. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque: when it started, as the system tells it. */
  started: string;
}

/** null: there is no such process, or it is a zombie. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const started = await platform.startOfProcess(pid);
  return started === null ? null : { pid, started };
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.started === identity.started;
}

/**
 * Sends the signal only if that very process still runs; false when it does not. Windows has no signals: there every one
 * ends the process at once.
 */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
