import { describe, expect, test } from 'vitest';
import { AddressPool } from './address-pool.ts';
import { parsePort, portMap, portRequests } from './published-ports.ts';
import { defaultPools, formatAddress, formatSubnet, overlaps, parseAddress, parseSubnet } from './subnet.ts';

describe('subnets', () => {
  test('parse and print', () => {
    expect(formatSubnet(parseSubnet('172.17.5.9/16'))).toBe('172.17.0.0/16');
    expect(formatAddress(parseAddress('255.0.1.2'))).toBe('255.0.1.2');
    expect(() => parseSubnet('1.2.3.4')).toThrow('invalid CIDR address: 1.2.3.4');
    expect(() => parseSubnet('1.2.3.4/33')).toThrow('invalid CIDR address: 1.2.3.4/33');
  });
  test('overlap', () => {
    const at = (text: string) => parseSubnet(text);
    expect(overlaps(at('10.0.0.0/8'), at('10.1.0.0/16'))).toBe(true);
    expect(overlaps(at('10.0.0.0/16'), at('10.1.0.0/16'))).toBe(false);
  });
  test('Docker’s default pools', () => {
    const pools = [...defaultPools()].map(formatSubnet);
    expect(pools.slice(0, 2)).toEqual(['172.17.0.0/16', '172.18.0.0/16']);
    expect(pools.at(-1)).toBe('192.168.240.0/20');
    expect(pools.length).toBe(31);
  });
});

describe('addresses', () => {
  test('lowest free first, never network or broadcast, given back', () => {
    const pool = new AddressPool(parseSubnet('10.0.0.0/30'));
    expect([pool.take(), pool.take()].map(formatAddress)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(() => pool.take()).toThrow('no available IPv4 addresses');
    pool.release(parseAddress('10.0.0.1'));
    expect(formatAddress(pool.take())).toBe('10.0.0.1');
  });
  test('a particular one once', () => {
    const pool = new AddressPool(parseSubnet('10.0.0.0/24'));
    pool.reserve(parseAddress('10.0.0.1'));
    expect(() => pool.reserve(parseAddress('10.0.0.1'))).toThrow('Address already in use');
    expect(() => pool.reserve(parseAddress('10.0.1.1'))).toThrow('no configured subnet contains IP address 10.0.1.1');
  });
});

describe('ports', () => {
  test('names', () => {
    expect(parsePort('80')).toEqual({ port: 80, protocol: 'tcp' });
    expect(parsePort('53/udp')).toEqual({ port: 53, protocol: 'udp' });
    expect(() => parsePort('99999/tcp')).toThrow('invalid port specification: "99999/tcp"');
    expect(() => parsePort('80/sctp')).toThrow('berth publishes tcp and udp, not sctp');
  });
  test('requests: bindings, ranges, and with -P the other exposed ports', () => {
    const requests = portRequests({
      bindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8000-8010' }], '81/tcp': null },
      exposed: ['80/tcp', '53/udp'],
      publishAll: true,
      targetIp: '172.17.0.2',
    });
    expect(requests).toEqual([
      {
        protocol: 'tcp',
        hostIp: '127.0.0.1',
        hostPortFirst: 8000,
        hostPortLast: 8010,
        targetIp: '172.17.0.2',
        targetPort: 80,
      },
      { protocol: 'udp', hostIp: '', hostPortFirst: 0, hostPortLast: 0, targetIp: '172.17.0.2', targetPort: 53 },
    ]);
  });
  test('what inspect shows', () => {
    const published = {
      ...{ protocol: 'tcp' as const, hostIp: '', hostPortFirst: 0, hostPortLast: 0, targetIp: 'x', targetPort: 80 },
      ...{ hostPort: 32768, hostIps: ['0.0.0.0', '::'] },
    };
    expect(portMap(['80/tcp', '90/tcp'], [published])).toEqual({
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '32768' },
        { HostIp: '::', HostPort: '32768' },
      ],
      '90/tcp': null,
    });
  });
});
