import { readFile } from 'node:fs/promises';
import type { NetworkStore } from './network-store.ts';
import { bridgeNameOption, type NetworkRecord } from './network.ts';
import { defaultPools, formatAddress, formatSubnet, overlaps, parseSubnet, type Subnet } from './subnet.ts';

const plain = { enableIPv6: false, internal: false, attachable: false, ipam: [], options: {}, labels: {} };

/** Makes `none`, `host` and `bridge` where they are missing; the bridge gets a subnet that no route of the machine uses. */
export async function ensureDefaultNetworks(
  store: NetworkStore,
  options: { bridgeName: string; mtu: number; bip: string | null },
): Promise<NetworkRecord> {
  if (!store.byName('none')) store.put({ ...plain, name: 'none', driver: 'null' });
  if (!store.byName('host')) store.put({ ...plain, name: 'host', driver: 'host' });
  const existing = store.byName('bridge');
  const ipam = options.bip === null ? existing?.ipam[0] : fromBip(options.bip);
  const chosen = ipam ?? (await freeSubnet(options.bridgeName));
  return store.put({
    ...plain,
    ...(existing && { id: existing.id, created: existing.created }),
    name: 'bridge',
    driver: 'bridge',
    ipam: [chosen],
    options: {
      'com.docker.network.bridge.default_bridge': 'true',
      'com.docker.network.bridge.enable_icc': 'true',
      'com.docker.network.bridge.enable_ip_masquerade': 'true',
      'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
      [bridgeNameOption]: options.bridgeName,
      'com.docker.network.driver.mtu': String(options.mtu),
    },
  });
}

function fromBip(bip: string): { subnet: string; gateway: string } {
  return { subnet: formatSubnet(parseSubnet(bip)), gateway: bip.split('/')[0] ?? '' };
}

async function freeSubnet(bridgeName: string): Promise<{ subnet: string; gateway: string }> {
  const routes = await usedSubnets(bridgeName);
  for (const subnet of defaultPools()) {
    if (routes.some((route) => overlaps(route, subnet))) continue;
    return { subnet: formatSubnet(subnet), gateway: formatAddress(subnet.base + 1) };
  }
  throw new Error('no default address pool is free of the routes of this machine');
}

/** The machine's routes but the default one and those of our own bridge (proc_pid_net(5): hexadecimal, little-endian). */
async function usedSubnets(bridgeName: string): Promise<Subnet[]> {
  const table = await readFile('/proc/net/route', 'utf8');
  const swap = (hex: string) => Buffer.from(hex, 'hex').readUInt32LE();
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter((fields) => fields.length > 7 && fields[0] !== bridgeName && fields[7] !== '00000000')
    .map((fields) => ({
      base: swap(fields[1] as string),
      prefix: swap(fields[7] as string)
        .toString(2)
        .replace(/0/g, '').length,
    }));
}
