import os from 'node:os';
import { UnavailableError, type GuestServices } from './api/index.ts';
import type { Engine } from './engine.ts';
import { GuestClock } from './guest-clock.ts';
import { berthVersion } from './product.ts';

/** What the daemon may ask of this agent. `engine` answers null until the engine is up. */
export function guestServices(engine: () => Engine | null): GuestServices {
  const ready = (): Engine => {
    const present = engine();
    if (!present) throw new UnavailableError('the engine is starting');
    return present;
  };
  const clock = new GuestClock();
  return {
    'guest.info': async () => ({
      agentVersion: berthVersion,
      kernelVersion: os.release(),
      readyUptimeMs: ready().life.readyUptimeMs,
    }),
    'ports.list': async () => ({ publications: engine()?.publications() ?? [] }),
    'clock.set': async ({ epochMs }) => ({ steppedByMs: await clock.set(epochMs) }),
    'files.changed': async ({ share, changes }) => {
      await ready().bindSources.changed(share, changes);
      return {};
    },
    'guest.shutdownTimeout': async () => ({ timeoutMs: ready().life.shutdownTimeoutMs() }),
    'guest.shutdown': async ({ timeoutMs }) => {
      await ready().life.shutdown(timeoutMs);
      return {};
    },
  };
}
