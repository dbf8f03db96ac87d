import { describe, expect, test } from 'vitest';
import { bridgeOptions } from './bridge-options.ts';
import { defaultAddressPools, freeSubnet, subnetsOf } from './choose-subnets.ts';
import { formatSubnet, parseSubnet } from './cidr.ts';
import { defaultRoute } from './default-route.ts';
import type { Endpoint, NetworkRecord } from './network.ts';
import { checkIpam } from './validate-ipam.ts';

describe('address pools of a request, in the words of dockerd', () => {
  const config = (Subnet: string, more = {}) => ({
    ...{ Subnet, IPRange: '', Gateway: '', AuxiliaryAddresses: null, AuxiliaryAddress: null },
    ...more,
  });
  test.each([
    [config('10.78.0.0/24', { Gateway: '10.78.0.9', IPRange: '10.78.0.128/25' }), []],
    [config('10.78.0.5/24'), ['invalid subnet 10.78.0.5/24: it should be 10.78.0.0/24']],
    [config('xyz'), ['invalid subnet xyz: invalid CIDR block notation']],
    [
      config('10.78.0.0/24', { Gateway: '10.79.0.1' }),
      ["invalid gateway 10.79.0.1: parent subnet 10.78.0.0/24 doesn't contain this address"],
    ],
    [
      config('10.78.0.0/24', { IPRange: '10.79.0.0/25' }),
      ["invalid ip-range 10.79.0.0/25: parent subnet 10.78.0.0/24 doesn't contain ip-range"],
    ],
  ])('%j', (request, problems) => {
    expect(checkIpam([request], true)).toEqual(problems);
  });
});

describe('a subnet of the engine’s choice', () => {
  const options = { pools: defaultAddressPools, machineId: 'm' };
  test('Docker’s pools', () => {
    const all = [...subnetsOf(defaultAddressPools)].map(formatSubnet);
    expect(all.slice(0, 2)).toEqual(['172.17.0.0/16', '172.18.0.0/16']);
    expect(all.at(-1)).toBe('192.168.240.0/20');
    expect(all.length).toBe(31);
  });
  test('the first that is not in use', () => {
    const used = ['172.17.0.0/16', '172.18.5.0/24'].map(parseSubnet);
    expect(freeSubnet(4, { ...options, used })).toMatchObject({ subnet: '172.19.0.0/16', gateway: '172.19.0.1' });
  });
  test('IPv6: a unique local /64 of this machine, the same every time', () => {
    const { subnet } = freeSubnet(6, { ...options, used: [] });
    expect(subnet).toMatch(/^fd[0-9a-f:]+::\/64$/);
    expect(freeSubnet(6, { ...options, used: [] }).subnet).toBe(subnet);
    expect(freeSubnet(6, { ...options, used: [parseSubnet(subnet)] }).subnet).not.toBe(subnet);
  });
  test('none left', () => {
    const pools = [{ base: '10.0.0.0/24', size: 24 }];
    expect(() => freeSubnet(4, { pools, machineId: '', used: [parseSubnet('10.0.0.0/8')] })).toThrow(
      'all predefined address pools have been fully subnetted',
    );
  });
});

describe('bridge options', () => {
  test('defaults', () => {
    expect(bridgeOptions({}, 1500)).toMatchObject({ name: '', icc: true, masquerade: true, mtu: 1500 });
  });
  test('refused in Go’s words', () => {
    expect(() => bridgeOptions({ 'com.docker.network.bridge.enable_icc': 'maybe' }, 1500)).toThrow(
      'failed to parse com.docker.network.bridge.enable_icc value: maybe (strconv.ParseBool: parsing "maybe": invalid syntax)',
    );
    expect(() => bridgeOptions({ 'com.docker.network.driver.mtu': 'abc' }, 1500)).toThrow(
      'failed to parse com.docker.network.driver.mtu value: abc (strconv.Atoi: parsing "abc": invalid syntax)',
    );
  });
});

describe('the way out', () => {
  const endpoint = (networkId: string, gatewayPriority = 0) =>
    ({
      networkId,
      gatewayPriority,
      interfaceName: `to-${networkId}`,
      gateway: '10.0.0.1',
      ipv6Gateway: '',
    }) as Endpoint;
  const networks = new Map(
    ['a', 'b', 'inner'].map((name) => [name, { name, internal: name === 'inner' } as NetworkRecord]),
  );
  const wayOut = (...endpoints: Endpoint[]) =>
    defaultRoute(endpoints, ({ networkId }) => networks.get(networkId)).ipv4?.networkId;
  test('first by name, unless another has priority; never internal', () => {
    expect(wayOut(endpoint('b'), endpoint('a'))).toBe('a');
    expect(wayOut(endpoint('b', 1), endpoint('a'))).toBe('b');
    expect(wayOut(endpoint('inner', 5), endpoint('b'))).toBe('b');
    expect(wayOut(endpoint('inner'))).toBeUndefined();
  });
});
