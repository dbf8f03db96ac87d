import { describe, expect, test } from 'vitest';
import { AddressBook, gatewayOf } from './address-book.ts';
import { AddressPool } from './address-pool.ts';
import { parseSubnet } from './cidr.ts';
import type { NetworkIpam, NetworkRecord } from './network.ts';

describe('a pool', () => {
  test('lowest free first, never network or broadcast, given back', () => {
    const pool = new AddressPool(parseSubnet('10.0.0.0/30'));
    expect([pool.take(), pool.take()]).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(pool.take()).toBeNull();
    pool.release('10.0.0.1');
    expect(pool.take()).toBe('10.0.0.1');
  });
  test('a particular one once', () => {
    const pool = new AddressPool(parseSubnet('10.0.0.0/24'));
    pool.reserve('10.0.0.1');
    expect(() => pool.reserve('10.0.0.1')).toThrow('Address already in use');
    for (const special of ['10.0.0.0', '10.0.0.255']) expect(() => pool.reserve(special)).toThrow('already in use');
    expect(() => pool.reserve('10.0.1.1')).toThrow('no configured subnet contains IP address 10.0.1.1');
  });
  test('a range gives its own addresses only', () => {
    const pool = new AddressPool(parseSubnet('10.0.0.0/24'), parseSubnet('10.0.0.252/30'));
    expect([pool.take(), pool.take(), pool.take()]).toEqual(['10.0.0.252', '10.0.0.253', '10.0.0.254']);
    expect(pool.take()).toBeNull();
  });
  test('IPv6 has no broadcast address', () => {
    const pool = new AddressPool(parseSubnet('fd00::/127'));
    expect(pool.take()).toBe('fd00::1');
  });
});

const ipam = (subnet: string, more: Partial<NetworkIpam> = {}): NetworkIpam => ({
  ...{ subnet, ipRange: '', gateway: '', hasGateway: true, auxiliary: {} },
  ...more,
});
const network = (pools: NetworkIpam[]): NetworkRecord => ({
  ...{ id: 'n', name: 'n', created: '', driver: 'bridge', enableIPv4: true, enableIPv6: true, internal: false },
  ...{ attachable: false, configOnly: false, configFrom: '', ipam: pools, ipamOptions: null, options: {}, labels: {} },
});

describe('the book', () => {
  const dual = network([ipam('10.0.0.0/29', { auxiliary: { printer: '10.0.0.2' } }), ipam('fd00::/64')]);
  test('leaves out the gateway and auxiliary addresses', () => {
    expect(new AddressBook().assign(dual, { ipv4: '', ipv6: '' })).toEqual({
      ...{ ipAddress: '10.0.0.3', prefixLength: 29, gateway: '10.0.0.1' },
      ...{ ipv6Address: 'fd00::2', ipv6PrefixLength: 64, ipv6Gateway: 'fd00::1' },
    });
  });
  test('a static address outside of the network is refused, and nothing stays taken', () => {
    const book = new AddressBook();
    expect(() => book.assign(dual, { ipv4: '10.0.0.6', ipv6: 'fd01::1' })).toThrow(
      'no configured subnet or ip-range contain the IP address fd01::1',
    );
    expect(book.assign(dual, { ipv4: '10.0.0.6', ipv6: '' }).ipAddress).toBe('10.0.0.6');
  });
  test('goes on in the next pool of the family, and says when all are used up', () => {
    const book = new AddressBook();
    const tiny = network([ipam('10.0.0.0/30'), ipam('10.0.1.0/30')]);
    const take = () => book.assign(tiny, { ipv4: '', ipv6: '' });
    expect([take(), take()].map(({ ipAddress, gateway }) => [ipAddress, gateway])).toEqual([
      ['10.0.0.2', '10.0.0.1'],
      ['10.0.1.2', '10.0.1.1'],
    ]);
    expect(take).toThrow("no available IPv4 addresses on this network's address pools: n (n)");
  });
  test('what an earlier agent gave stays given until it is released', () => {
    const book = new AddressBook();
    const first = book.assign(dual, { ipv4: '', ipv6: '' });
    expect(book.assign(dual, { ipv4: '', ipv6: '' }).ipAddress).toBe('10.0.0.4');
    book.release(dual, first);
    expect(book.assign(dual, { ipv4: '', ipv6: '' }).ipAddress).toBe('10.0.0.3');
  });
  test('the gateway: as asked, else the first of the range or of the subnet', () => {
    expect(gatewayOf(ipam('10.0.0.0/24', { gateway: '10.0.0.254' }))).toBe('10.0.0.254');
    expect(gatewayOf(ipam('10.0.0.0/24', { ipRange: '10.0.0.128/25' }))).toBe('10.0.0.128');
    expect(gatewayOf(ipam('10.0.0.0/24'))).toBe('10.0.0.1');
    expect(gatewayOf(ipam('10.0.0.0/31'))).toBe('10.0.0.0');
    expect(gatewayOf(ipam('10.0.0.0/24', { hasGateway: false }))).toBe('');
  });
});
