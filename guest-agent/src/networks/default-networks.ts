import { bridgeNameOption } from './bridge-options.ts';
import {
  type AddressPoolSetting,
  defaultAddressPools,
  freeSubnet,
  routedSubnets,
  subnetsInUse,
} from './choose-subnets.ts';
import { formatSubnet, parseSubnet } from './cidr.ts';
import type { NetworkStore } from './network-store.ts';
import type { NetworkIpam, NetworkRecord } from './network.ts';

const plain = {
  ...{ enableIPv4: true, enableIPv6: false, internal: false, attachable: false, configOnly: false, configFrom: '' },
  ...{ ipam: [], ipamOptions: null, options: {}, labels: {} },
};

/** Makes `none`, `host` and `bridge` where they are missing; the bridge gets a subnet that no route of the machine uses. */
export async function ensureDefaultNetworks(
  store: NetworkStore,
  options: { bridgeName: string; mtu: number; bip: string | null; pools: readonly AddressPoolSetting[] },
): Promise<NetworkRecord> {
  if (!store.byName('none')) store.put({ ...plain, name: 'none', driver: 'null' });
  if (!store.byName('host')) store.put({ ...plain, name: 'host', driver: 'host' });
  const existing = store.byName('bridge');
  const ipam = options.bip === null ? existing?.ipam[0] : fromBip(options.bip);
  const pools = options.pools.length > 0 ? options.pools : defaultAddressPools;
  const others = store.list().filter(({ name }) => name !== 'bridge');
  const used = ipam ? [] : [...subnetsInUse(others), ...(await routedSubnets([options.bridgeName]))];
  return store.put({
    ...plain,
    ...(existing && { id: existing.id, created: existing.created }),
    name: 'bridge',
    driver: 'bridge',
    ipam: [ipam ?? freeSubnet(4, { pools, used, machineId: '' })],
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

function fromBip(bip: string): NetworkIpam {
  const gateway = bip.split('/')[0] ?? '';
  return { subnet: formatSubnet(parseSubnet(bip)), ipRange: '', gateway, hasGateway: true, auxiliary: {} };
}
