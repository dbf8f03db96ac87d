import type { HostServices } from '@berth/guest-agent/api';
import type { PortPublisher } from '../ports/port-publisher.ts';

/** What the agent may ask of this host. */
export function createHostServices(ports: PortPublisher): HostServices {
  return {
    'ports.publish': async ({ containerId, ports: requests }) => ({
      ports: await ports.publish(containerId, requests),
    }),
    'ports.release': async ({ containerId }) => {
      await ports.release(containerId);
      return {};
    },
  };
}
