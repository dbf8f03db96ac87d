import type { SecureContextOptions } from 'node:tls';

export interface TlsOptions extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> {
  /** false: any certificate will do. */
  verify: boolean;
}

interface At {
  host: string;
  port: number;
}
export type UdpEndpoint = At & { network: 'udp' };
export type StreamEndpoint =
  (At & { network: 'tcp' }) | (At & { network: 'tls'; tls: TlsOptions }) | { network: 'unix'; path: string };

/** Where a log server listens. */
export type Endpoint = StreamEndpoint | UdpEndpoint | { network: 'unixgram'; path: string };

/** As Go names an address in its errors. */
export function addressText(endpoint: Endpoint): string {
  if ('path' in endpoint) return endpoint.path;
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}
