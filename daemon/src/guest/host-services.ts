import type { Duplex } from 'node:stream';
import { filesPath, filesUpgrade, type GuestServices, type HostServices } from '@berth/guest-agent/api';
import type { HostFiles } from '../files/host-files.ts';
import type { PortPublisher } from '../ports/port-publisher.ts';
import { hostSource } from './host-source.ts';
import { upgradeStream } from './upgrade.ts';

export interface HostParts {
  ports: PortPublisher;
  files: HostFiles;
  /** To the agent's guest API. */
  dialGuest: (signal: AbortSignal) => Promise<Duplex>;
  /** The agent at the moment; null while there is none. */
  guest: () => GuestServices | null;
}

const dialTimeoutMs = 15_000;

/** What the agent may ask of this host. */
export function createHostServices({ ports, files, dialGuest, guest }: HostParts): HostServices {
  return {
    'ports.publish': async ({ containerId, ports: requests }) => ({
      ports: await ports.publish(containerId, requests),
    }),
    'ports.release': async ({ containerId }) => {
      await ports.release(containerId);
      return {};
    },
    'files.locate': async ({ source: asked, create }) => {
      const source = hostSource(asked);
      const located = await files.locate(source, { create });
      if (!located) return { found: null, refusal: await files.refusal(source) };
      return { found: { share: located.share.id, path: located.path, exists: located.exists }, refusal: '' };
    },
    'files.serve': async ({ share, stream }) => {
      const signal = AbortSignal.timeout(dialTimeoutMs);
      const path = `${filesPath}${stream}`;
      await files.serve(share, {
        connect: async () => upgradeStream(await dialGuest(signal), { path, protocol: filesUpgrade, signal }),
        report: async (changes) => void (await guest()?.['files.changed']({ share, changes })),
      });
      return {};
    },
  };
}
