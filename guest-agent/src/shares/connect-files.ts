import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { InvalidParameterError } from '../api/errors.ts';
import type { Host } from '../containers/host-ports.ts';
import type { FileStreams } from './file-streams.ts';

/** A daemon that was ended may come back within this; longer than that nobody's read or write shall hang. */
const waitForHostMs = 60_000;
const retryIntervalMs = 200;

/** Opens a stream to the host's server for a share, also to that of a daemon which is not there yet. */
export async function connectFiles(
  { host, streams }: { host: Host; streams: FileStreams },
  share: string,
  signal: AbortSignal,
): Promise<Duplex> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(waitForHostMs)]);
  for (;;) {
    await host.connected(until);
    try {
      return await streams.open(host.services(), share);
    } catch (error) {
      // Not shared any more.
      if (error instanceof InvalidParameterError) throw error;
      await delay(retryIntervalMs, undefined, { signal: until });
    }
  }
}
