import { describe, expect, test } from 'vitest';
import { contains, formatAddress, formatSubnet, overlaps, parseAddress, parseSubnet, readSubnet } from './cidr.ts';

describe('addresses', () => {
  test.each(['0.0.0.0', '172.17.0.2', '255.255.255.255'])('%s comes back', (text) => {
    expect(formatAddress(parseAddress(text), 4)).toBe(text);
  });
  test.each([
    ['::', '::'],
    ['::1', '::1'],
    ['fd00:0:0:0:0:0:0:1', 'fd00::1'],
    ['2001:DB8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
    ['1:2:3:0:5:6:7:8', '1:2:3:0:5:6:7:8'],
    ['::ffff:1.2.3.4', '::ffff:102:304'],
  ])('%s is %s', (text, short) => {
    expect(formatAddress(parseAddress(text), 6)).toBe(short);
  });
  test.each(['', '1.2.3', 'fe80::1%eth0', 'x'])('%j is none', (text) => {
    expect(() => parseAddress(text)).toThrow('invalid IP address');
  });
});

describe('subnets', () => {
  test('host bits are cleared', () => {
    expect(formatSubnet(parseSubnet('172.17.5.9/16'))).toBe('172.17.0.0/16');
    expect(formatSubnet(parseSubnet('fd12:3456::9/64'))).toBe('fd12:3456::/64');
  });
  test.each(['1.2.3.4', '1.2.3.4/33', 'x/8', '::/129'])('%s is none', (text) => {
    expect(readSubnet(text)).toBeNull();
    expect(() => parseSubnet(text)).toThrow(`invalid CIDR address: ${text}`);
  });
  test('overlap', () => {
    const pair = (a: string, b: string) => overlaps(parseSubnet(a), parseSubnet(b));
    expect(pair('10.0.0.0/8', '10.1.0.0/16')).toBe(true);
    expect(pair('10.0.0.0/16', '10.1.0.0/16')).toBe(false);
    expect(pair('0.0.0.0/0', '::/0')).toBe(false);
  });
  test('contain addresses of their family', () => {
    expect(contains(parseSubnet('10.0.0.0/24'), '10.0.0.255')).toBe(true);
    expect(contains(parseSubnet('10.0.0.0/24'), '10.0.1.0')).toBe(false);
    expect(contains(parseSubnet('::/0'), '10.0.0.1')).toBe(false);
  });
});
