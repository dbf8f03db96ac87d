import { execFile } from 'node:child_process';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { UnavailableError, type GuestServices } from './api/index.ts';
import type { Engine } from './engine.ts';
import { berthVersion } from './product.ts';

const run = promisify(execFile);
const largestDriftMs = 100;

/** What the daemon may ask of this agent. `engine` answers null until the engine is up. */
export function guestServices(engine: () => Engine | null): GuestServices {
  const ready = (): Engine => {
    const present = engine();
    if (!present) throw new UnavailableError('the engine is starting');
    return present;
  };
  return {
    'guest.info': async () => ({
      agentVersion: berthVersion,
      kernelVersion: os.release(),
      readyUptimeMs: ready().readyUptimeMs,
    }),
    'ports.list': async () => ({ publications: engine()?.publications() ?? [] }),
    'clock.set': async ({ epochMs }) => ({ steppedByMs: await stepClock(epochMs) }),
    'files.changed': async ({ share, changes }) => {
      await ready().bindSources.changed(share, changes);
      return {};
    },
    'guest.shutdownTimeout': async () => ({ timeoutMs: ready().shutdownTimeoutMs() }),
    'guest.shutdown': async ({ timeoutMs }) => {
      await ready().shutdown(timeoutMs);
      return {};
    },
  };
}

/**
 * date(1) of a small system takes whole seconds only, so the clock is set as the host's second changes: at most a
 * second later, and right to a few milliseconds.
 */
async function stepClock(epochMs: number): Promise<number> {
  const driftMs = epochMs - Date.now();
  if (Math.abs(driftMs) <= largestDriftMs) return 0;
  const untilFullSecondMs = 1000 - (epochMs % 1000);
  await delay(untilFullSecondMs);
  await run('date', ['-u', '-s', `@${Math.round((epochMs + untilFullSecondMs) / 1000)}`]);
  return driftMs;
}
