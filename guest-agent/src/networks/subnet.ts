import { isIPv4 } from 'node:net';
import { InvalidParameterError } from '../api/index.ts';

/** An IPv4 network; addresses are 32-bit numbers. */
export interface Subnet {
  base: number;
  prefix: number;
}

export function parseAddress(text: string): number {
  if (!isIPv4(text)) throw new InvalidParameterError(`invalid IPv4 address: ${text}`);
  return text.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** 'a.b.c.d/n'; host bits are cleared. */
export function parseSubnet(text: string): Subnet {
  const [address = '', prefixText = ''] = text.split('/');
  const prefix = Number(prefixText);
  if (!/^\d{1,2}$/.test(prefixText) || prefix > 32) throw new InvalidParameterError(`invalid CIDR address: ${text}`);
  const size = 2 ** (32 - prefix);
  return { base: Math.floor(parseAddress(address) / size) * size, prefix };
}

export const sizeOf = (subnet: Subnet): number => 2 ** (32 - subnet.prefix);
export const formatSubnet = (subnet: Subnet): string => `${formatAddress(subnet.base)}/${subnet.prefix}`;

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a);
}

/** Docker's default address pools: 172.17/16 … 172.31/16, then 192.168.0.0/16 in /20s. */
export function* defaultPools(): Generator<Subnet> {
  for (let second = 17; second <= 31; second++) yield parseSubnet(`172.${second}.0.0/16`);
  for (let third = 0; third < 256; third += 16) yield parseSubnet(`192.168.${third}.0/20`);
}
