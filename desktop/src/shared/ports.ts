import type { PublishedPort } from '@berth/daemon/api';

/** Where a browser finds what a container published. */
export function portUrl({ address, hostPort }: Pick<PublishedPort, 'address' | 'hostPort'>): string {
  return `http://${address === '' ? 'localhost' : urlHost(address)}:${hostPort}/`;
}

/** As rows and details have it, e.g. '8080 → 80'. */
export function portText({ address, hostPort, containerPort, protocol }: PublishedPort): string {
  const host = address === '' ? '' : `${urlHost(address)}:`;
  return `${host}${hostPort} → ${containerPort}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

/** An address as it is written before a port. */
function urlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
