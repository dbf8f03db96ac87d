import { InvalidParameterError, SystemError } from '../api/index.ts';
import { AddressPool } from './address-pool.ts';
import { contains, type Family, formatAddress, parseSubnet, sizeOf } from './cidr.ts';
import type { Endpoint, NetworkIpam, NetworkRecord } from './network.ts';

export type Addresses = Pick<
  Endpoint,
  'ipAddress' | 'prefixLength' | 'gateway' | 'ipv6Address' | 'ipv6PrefixLength' | 'ipv6Gateway'
>;

export const noAddresses: Addresses = {
  ...{ ipAddress: '', prefixLength: 0, gateway: '' },
  ...{ ipv6Address: '', ipv6PrefixLength: 0, ipv6Gateway: '' },
};

interface Lease {
  address: string;
  prefix: number;
  gateway: string;
}

/** The machine's own address in a pool: the one asked for, else the first; '' where it has none. */
export function gatewayOf({ subnet, ipRange, gateway, hasGateway }: NetworkIpam): string {
  if (gateway !== '' || !hasGateway) return gateway;
  const network = parseSubnet(subnet);
  const first = ipRange === '' ? network : parseSubnet(ipRange);
  // In a network of two or one addresses none is special (RFC 3021).
  const isSpecial = first.base === network.base && (network.family === 6 || network.prefix < 31);
  return formatAddress(isSpecial ? first.base + 1n : first.base, network.family);
}

/** Reserved addresses of these names are the containers' way out of a bridge, instead of its own (dockerd's bridge driver). */
export const wayOutNames: Readonly<Record<Family, string>> = { 4: 'DefaultGatewayIPv4', 6: 'DefaultGatewayIPv6' };

function wayOutOf({ driver }: NetworkRecord, ipam: NetworkIpam): string {
  const asked = driver === 'bridge' ? ipam.auxiliary[wayOutNames[parseSubnet(ipam.subnet).family]] : undefined;
  return asked ?? gatewayOf(ipam);
}

/** Which address of which network belongs to whom; made anew from the endpoints at every start. */
export class AddressBook {
  readonly #pools = new Map<string, AddressPool[]>();

  /** Addresses for one more endpoint; '' asks for any. All of them or an error and none. */
  assign(network: NetworkRecord, asked: { ipv4: string; ipv6: string }): Addresses {
    const v4 = network.enableIPv4 ? this.#lease(network, 4, asked.ipv4) : null;
    try {
      const v6 = network.enableIPv6 ? this.#lease(network, 6, asked.ipv6) : null;
      return {
        ...{ ipAddress: v4?.address ?? '', prefixLength: v4?.prefix ?? 0, gateway: v4?.gateway ?? '' },
        ...{ ipv6Address: v6?.address ?? '', ipv6PrefixLength: v6?.prefix ?? 0, ipv6Gateway: v6?.gateway ?? '' },
      };
    } catch (error) {
      if (v4) this.#holding(network, v4.address)?.release(v4.address);
      throw error;
    }
  }

  /** For an endpoint that an earlier agent made. */
  remember(network: NetworkRecord, endpoint: Endpoint): void {
    for (const address of [endpoint.ipAddress, endpoint.ipv6Address].filter((text) => text !== ''))
      this.#holding(network, address)?.reserve(address);
  }

  release(network: NetworkRecord, { ipAddress, ipv6Address }: Addresses): void {
    for (const address of [ipAddress, ipv6Address].filter((text) => text !== ''))
      this.#holding(network, address)?.release(address);
  }

  forget(networkId: string): void {
    this.#pools.delete(networkId);
  }

  #lease(network: NetworkRecord, family: Family, asked: string): Lease | null {
    const pools = this.#poolsOf(network).filter((pool) => pool.family === family);
    if (asked !== '') return this.#leaseOf(network, { pool: this.#reserved(network, asked), address: asked });
    for (const pool of pools) {
      const address = pool.take();
      if (address !== null) return this.#leaseOf(network, { pool, address });
    }
    if (pools.length === 0) return null;
    throw new SystemError(
      `no available IPv${family} addresses on this network's address pools: ${network.name} (${network.id})`,
    );
  }

  #reserved(network: NetworkRecord, asked: string): AddressPool {
    const pool = this.#holding(network, asked);
    if (!pool) throw new InvalidParameterError(`no configured subnet or ip-range contain the IP address ${asked}`);
    pool.reserve(asked);
    return pool;
  }

  #leaseOf(network: NetworkRecord, { pool, address }: { pool: AddressPool; address: string }): Lease {
    const ipam = network.ipam.find(({ subnet }) => contains(pool.subnet, subnet.split('/')[0] as string));
    return { address, prefix: pool.subnet.prefix, gateway: ipam ? wayOutOf(network, ipam) : '' };
  }

  #holding(network: NetworkRecord, address: string): AddressPool | undefined {
    return this.#poolsOf(network).find(({ subnet }) => contains(subnet, address));
  }

  #poolsOf(network: NetworkRecord): AddressPool[] {
    const existing = this.#pools.get(network.id);
    if (existing) return existing;
    const pools = network.ipam.map(openPool);
    this.#pools.set(network.id, pools);
    return pools;
  }
}

function openPool(ipam: NetworkIpam): AddressPool {
  const subnet = parseSubnet(ipam.subnet);
  const pool = new AddressPool(subnet, ipam.ipRange === '' ? null : parseSubnet(ipam.ipRange));
  for (const address of new Set([gatewayOf(ipam), ...Object.values(ipam.auxiliary)])) {
    if (address !== '' && sizeOf(subnet) > 1n) pool.reserve(address);
  }
  return pool;
}
