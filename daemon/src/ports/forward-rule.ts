import { isIPv6 } from 'node:net';
import type { PortRequest } from '@berth/guest-agent/api';

/** Where dockerd takes ports from that nobody chose (Linux's default ip_local_port_range). */
export const ephemeralPorts = { first: 32768, last: 60999 };

/** The addresses a request is bound on. */
export function bindAddresses({ hostIp }: PortRequest): string[] {
  return hostIp === '' ? ['0.0.0.0', '::'] : [hostIp];
}

/** A host that has no IPv6 still can publish on "every address". */
export function mayBeMissing(request: PortRequest, address: string): boolean {
  return request.hostIp === '' && address === '::';
}

/** dockerd's words for a port that another container of this engine has. */
export function allocatedText(address: string, port: number): string {
  return `Bind for ${joinHostPort(address, port)} failed: port is already allocated`;
}

export const allAllocatedText = 'all ports are allocated';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};

/** dockerd's words for a port that the host does not give. */
export function bindFailedText(request: PortRequest, attempt: { address: string; port: number; code: string }): string {
  const { hostPortFirst, hostPortLast, targetIp, targetPort, protocol } = request;
  const { address, port, code } = attempt;
  const ranged = hostPortFirst !== hostPortLast;
  const hostPorts = ranged ? `${hostPortFirst}-${hostPortLast}` : String(port);
  const rule = `${joinHostPort(address, hostPorts)}:${joinHostPort(targetIp, targetPort)}/${protocol}`;
  return `failed to bind host port ${ranged ? `${port} ` : ''}for ${rule}: ${reasons[code] ?? code}`;
}

function joinHostPort(host: string, port: number | string): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
