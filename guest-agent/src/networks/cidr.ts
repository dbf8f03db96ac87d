import { isIPv4, isIPv6 } from 'node:net';
import { InvalidParameterError } from '../api/index.ts';

export type Family = 4 | 6;

/** An IP network; addresses are numbers of 32 or 128 bits. */
export interface Subnet {
  readonly family: Family;
  readonly base: bigint;
  readonly prefix: number;
}

export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128);
export const sizeOf = ({ family, prefix }: Subnet): bigint => 1n << BigInt(bitsOf(family) - prefix);

/** null when it is no address. */
export function familyOf(text: string): Family | null {
  if (isIPv4(text)) return 4;
  return isIPv6(text) && !text.includes('%') ? 6 : null;
}

/** Throws InvalidParameterError on what is no address. */
export function parseAddress(text: string): bigint {
  const family = familyOf(text);
  if (family === null) throw new InvalidParameterError(`invalid IP address: ${text}`);
  return family === 4 ? fromDotted(text) : fromGroups(text);
}

const fromDotted = (text: string): bigint => text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);

/** RFC 4291, section 2.2. */
function fromGroups(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) return ((fromGroups(`${dotted[1]}0:0`) >> 32n) << 32n) | fromDotted(dotted[2] as string);
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

export function formatAddress(address: bigint, family: Family): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => Number((address >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((address >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return shorten(groups);
}

/** RFC 5952: the longest run of zeros, the first of equal ones, becomes '::'; a single zero stays. */
function shorten(groups: readonly string[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

/** 'address/prefix'; host bits are cleared. Throws InvalidParameterError `invalid CIDR address: …`. */
export function parseSubnet(text: string): Subnet {
  const subnet = readSubnet(text);
  if (!subnet) throw new InvalidParameterError(`invalid CIDR address: ${text}`);
  return subnet;
}

/** As {@link parseSubnet}; null for what is none. */
export function readSubnet(text: string): Subnet | null {
  const [address = '', prefixText = ''] = text.split('/');
  const family = familyOf(address);
  const prefix = Number(prefixText);
  if (family === null || !/^\d{1,3}$/.test(prefixText) || prefix > bitsOf(family)) return null;
  const hostBits = BigInt(bitsOf(family) - prefix);
  return { family, base: (parseAddress(address) >> hostBits) << hostBits, prefix };
}

export const formatSubnet = (subnet: Subnet): string => `${formatAddress(subnet.base, subnet.family)}/${subnet.prefix}`;

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.family === b.family && a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a);
}

export function contains(subnet: Subnet, address: string): boolean {
  if (familyOf(address) !== subnet.family) return false;
  const value = parseAddress(address);
  return value >= subnet.base && value < subnet.base + sizeOf(subnet);
}
