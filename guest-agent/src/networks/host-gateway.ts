import { SystemError } from '../api/errors.ts';

/**
 * Where containers reach the host's own services, those on its loopback addresses included: an address that nobody has
 * (RFC 3927), which the packet filter translates. `host-gateway` stands for it, and so do these names.
 */
export const hostGatewayAddress = '169.254.65.254';

/** Docker Desktop's names. */
export const hostNames: ReadonlySet<string> = new Set(['host.docker.internal', 'gateway.docker.internal']);

const hostGateway = /(?<=[:=])host-gateway$/;

/** `name:host-gateway` (or with `=`) once for each address that it stands for, none being an error; other entries as they are. */
export function withHostGateways(entries: readonly string[], addresses: readonly string[]): string[] {
  return entries.flatMap((entry) => {
    if (!hostGateway.test(entry)) return [entry];
    if (addresses.length === 0) throw new SystemError('unable to derive the IP value for host-gateway');
    return addresses.map((address) => entry.replace(hostGateway, address));
  });
}
