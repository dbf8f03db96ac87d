/**
 * Where containers reach the host's own services, those on its loopback addresses included: an address that nobody has
 * (RFC 3927), which the packet filter translates. `host-gateway` stands for it, and so do these names.
 */
export const hostGatewayAddress = '169.254.65.254';

/** Docker Desktop's names. */
export const hostNames: ReadonlySet<string> = new Set(['host.docker.internal', 'gateway.docker.internal']);
