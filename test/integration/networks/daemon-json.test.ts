import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Berth, startBerth } from '../../helpers/berth.ts';

const daemonJson = {
  bip: '10.208.0.1/16',
  bip6: 'fd00:208::1/64',
  'fixed-cidr': '10.208.7.0/24',
  ipv6: true,
  'fixed-cidr-v6': 'fd00:208:0:0:7::/80',
  'default-gateway': '10.208.0.254',
  'default-gateway-v6': 'fd00:208::254',
  icc: false,
  ip: '127.0.0.1',
  'default-network-opts': { bridge: { 'com.docker.network.driver.mtu': '1400' } },
  'host-gateway-ips': ['192.0.2.7', 'fd00::7'],
};

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth('linux', { daemonJson });
});
afterAll(() => berth[Symbol.asyncDispose]());

const docker = async (...args: string[]) => (await berth.docker(args)).stdout;

test('the default network is what daemon.json says', async () => {
  const config = JSON.parse(await docker('network', 'inspect', '-f', '{{json .IPAM.Config}}', 'bridge')) as unknown;
  expect(config).toEqual([
    {
      ...{ Subnet: '10.208.0.0/16', IPRange: '10.208.7.0/24', Gateway: '10.208.0.1' },
      AuxiliaryAddresses: { DefaultGatewayIPv4: '10.208.0.254' },
    },
    {
      ...{ Subnet: 'fd00:208::/64', IPRange: 'fd00:208:0:0:7::/80', Gateway: 'fd00:208::1' },
      AuxiliaryAddresses: { DefaultGatewayIPv6: 'fd00:208::254' },
    },
  ]);
  const inside = await docker('run', '--rm', 'busybox', 'sh', '-c', 'ip -o addr show eth0; ip route; ip -6 route');
  expect(inside).toContain('inet 10.208.7.');
  expect(inside).toContain('inet6 fd00:208:0:0:7:');
  expect(inside).toContain('default via 10.208.0.254');
  expect(inside).toContain('default via fd00:208::254');
});

test('its containers do not reach each other, and its ports are on one address', async () => {
  await docker('run', '-d', '--name', 'alone', '-p', '80', 'busybox', 'sleep', '100');
  expect(await docker('port', 'alone', '80')).toMatch(/^127\.0\.0\.1:\d+$/);
  const address = await docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'alone');
  const ping = (target: string) => berth.docker(['run', '--rm', 'busybox', 'ping', '-c1', '-W1', target]);
  expect((await ping(address)).exitCode).toBe(1);
  expect((await ping('10.208.0.1')).exitCode).toBe(0);
});

test('networks of the user’s own have the defaults that they do not override', async () => {
  await docker('network', 'create', 'own');
  expect(await docker('network', 'inspect', '-f', '{{json .Options}}', 'own')).toBe(
    '{"com.docker.network.driver.mtu":"1400"}',
  );
  const mtu = ['run', '--rm', '--network', 'own', 'busybox', 'cat', '/sys/class/net/eth0/mtu'];
  expect(await docker(...mtu)).toBe('1400');
});

test('host-gateway is the addresses that were given', async () => {
  const added = ['--add-host', 'it:host-gateway', '--add-host', 'other:192.0.2.9'];
  const hosts = await docker('run', '--rm', ...added, 'busybox', 'cat', '/etc/hosts');
  expect(hosts).toContain('192.0.2.7\tit\nfd00::7\tit');
  expect(hosts.split('192.0.2.9\tother')).toHaveLength(2);
});
