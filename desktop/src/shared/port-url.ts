import type { PublishedPort } from '@berth/daemon/api';

/** Where a browser finds what a container published. */
export function portUrl({ address, hostPort }: Pick<PublishedPort, 'address' | 'hostPort'>): string {
  return `http://${address === '' ? 'localhost' : urlHost(address)}:${hostPort}/`;
}

/** An address as it is written before a port. */
export function urlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
