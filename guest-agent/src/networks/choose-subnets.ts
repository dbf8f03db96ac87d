import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InvalidParameterError } from '../api/index.ts';
import { type Family, formatAddress, formatSubnet, overlaps, parseSubnet, sizeOf, type Subnet } from './cidr.ts';
import type { NetworkIpam, NetworkRecord } from './network.ts';

/** daemon.json's default-address-pools. */
export interface AddressPoolSetting {
  base: string;
  size: number;
}

/** Docker's own: 172.17/16 … 172.31/16, then 192.168.0.0/16 in /20s. */
export const defaultAddressPools: readonly AddressPoolSetting[] = [
  ...Array.from({ length: 15 }, (_, i) => ({ base: `172.${17 + i}.0.0/16`, size: 16 })),
  { base: '192.168.0.0/16', size: 20 },
];

export function* subnetsOf(pools: readonly AddressPoolSetting[]): Generator<Subnet> {
  for (const { base, size } of pools) {
    const pool = parseSubnet(base);
    const step = sizeOf({ ...pool, prefix: size });
    const end = pool.base + sizeOf(pool);
    for (let at = pool.base; at < end; at += step) yield { family: pool.family, base: at, prefix: size };
  }
}

/** The first subnet of the pools that neither a network nor a route of the machine uses. */
export function freeSubnet(
  family: Family,
  options: { pools: readonly AddressPoolSetting[]; used: readonly Subnet[]; machineId: string },
): NetworkIpam {
  const own = options.pools.filter(({ base }) => parseSubnet(base).family === family);
  const pools = own.length > 0 || family === 4 ? own : [{ base: localPool(options.machineId), size: 64 }];
  for (const subnet of subnetsOf(pools)) {
    if (options.used.some((other) => overlaps(other, subnet))) continue;
    const gateway = formatAddress(subnet.base + 1n, family);
    return { subnet: formatSubnet(subnet), ipRange: '', gateway, hasGateway: true, auxiliary: {} };
  }
  throw new InvalidParameterError('all predefined address pools have been fully subnetted');
}

/** A unique local /48 (RFC 4193) that is this machine's for good. */
function localPool(machineId: string): string {
  const id = createHash('sha256')
    .update(machineId)
    .digest()
    .subarray(0, 5)
    .readUIntBE(0, 5)
    .toString(16)
    .padStart(10, '0');
  return `fd${id.slice(0, 2)}:${id.slice(2, 6)}:${id.slice(6)}::/48`;
}

/** Subnets that networks have addresses in; two of one family must not overlap. */
export function subnetsInUse(networks: readonly NetworkRecord[]): Subnet[] {
  return networks
    .filter(({ configOnly }) => !configOnly)
    .flatMap(({ ipam, enableIPv4, enableIPv6 }) =>
      ipam.map(({ subnet }) => parseSubnet(subnet)).filter(({ family }) => (family === 4 ? enableIPv4 : enableIPv6)),
    );
}

/** The machine's IPv4 routes but the default one and those of `own` interfaces (proc_pid_net(5)). */
export async function routedSubnets(own: readonly string[]): Promise<Subnet[]> {
  const table = await readFile('/proc/net/route', 'utf8');
  const swap = (hex: string) => Buffer.from(hex, 'hex').readUInt32LE();
  const ones = (mask: number) => mask.toString(2).replace(/0/g, '').length;
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter((fields) => fields.length > 7 && !own.includes(fields[0] as string) && fields[7] !== '00000000')
    .map((fields) => ({
      family: 4,
      base: BigInt(swap(fields[1] as string)),
      prefix: ones(swap(fields[7] as string)),
    }));
}
