import { isIP } from 'node:net';
import type { PublishedPort } from '../../api/index.ts';

/** A port of a container that the packet filter knows of, for one family. */
export interface OpenPort {
  protocol: string;
  /** Where on this machine it is published, '' for every address; null: not here, but open to those who route to it. */
  published: { address: string; port: number } | null;
  targetIp: string;
  targetPort: number;
}

/**
 * What the filter does for a published port: a TCP port that this very machine publishes is translated by the kernel,
 * which needs both ends to be of one family; everything else is the host's business.
 */
export function openPorts(ports: readonly PublishedPort[]): OpenPort[] {
  return ports.flatMap((port) => [
    ...ofFamily(port, { any: '0.0.0.0', family: 4, targetIp: port.targetIp }),
    ...ofFamily(port, { any: '::', family: 6, targetIp: port.targetIpv6 }),
  ]);
}

function ofFamily(
  { protocol, hostIps, hostPort, targetPort, direct }: PublishedPort,
  { any, family, targetIp }: { any: string; family: number; targetIp: string },
): OpenPort[] {
  if (isIP(targetIp) !== family) return [];
  const addresses = hostIps.filter((address) => isIP(address) === family);
  const here = direct && hostPort !== 0 && protocol === 'tcp';
  const plain = { protocol, targetIp, targetPort };
  if (!here || addresses.length === 0) return [{ ...plain, published: null }];
  return addresses.map((address) => ({
    ...plain,
    published: { address: address === any ? '' : address, port: hostPort },
  }));
}
