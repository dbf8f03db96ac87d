import { InvalidParameterError } from '../api/index.ts';
import { wayOutNames } from './address-book.ts';
import { bridgeNameOption } from './bridge-options.ts';
import {
  type AddressPoolSetting,
  defaultAddressPools,
  freeSubnet,
  routedSubnets,
  subnetsInUse,
} from './choose-subnets.ts';
import { contains, type Family, formatAddress, formatSubnet, parseSubnet } from './cidr.ts';
import type { NetworkSettings } from './network-settings.ts';
import type { NetworkStore } from './network-store.ts';
import type { NetworkIpam, NetworkRecord } from './network.ts';

const plain = {
  ...{ enableIPv4: true, enableIPv6: false, internal: false, attachable: false, configOnly: false, configFrom: '' },
  ...{ ipam: [], ipamOptions: null, options: {}, labels: {} },
};

export interface DefaultNetworkOptions extends Pick<NetworkSettings, 'defaultBridge'> {
  bridgeName: string;
  mtu: number;
  pools: readonly AddressPoolSetting[];
  /** The engine's id, from which an IPv6 prefix of its own follows. */
  engineId: string;
}

/** Makes `none`, `host` and `bridge` where they are missing; the bridge gets a subnet that no route of the machine uses. */
export async function ensureDefaultNetworks(
  store: NetworkStore,
  options: DefaultNetworkOptions,
): Promise<NetworkRecord> {
  if (!store.byName('none')) store.put({ ...plain, name: 'none', driver: 'null' });
  if (!store.byName('host')) store.put({ ...plain, name: 'host', driver: 'host' });
  const existing = store.byName('bridge');
  const { ipv6, icc, masquerade, hostBinding } = options.defaultBridge;
  const choose = await chooser(store, options);
  const poolFor = (family: Family) =>
    asked(familySettings(options, family)) ?? poolOf(existing, family) ?? choose(family);
  const ipv4Pool = poolFor(4);
  const ipv6Pool = ipv6 ? poolFor(6) : null;
  return store.put({
    ...plain,
    ...(existing && { id: existing.id, created: existing.created }),
    ...{ name: 'bridge', driver: 'bridge', enableIPv6: ipv6 },
    ipam: [withSettings(ipv4Pool, options, 4), ...(ipv6Pool ? [withSettings(ipv6Pool, options, 6)] : [])],
    options: {
      'com.docker.network.bridge.default_bridge': 'true',
      'com.docker.network.bridge.enable_icc': String(icc),
      'com.docker.network.bridge.enable_ip_masquerade': String(masquerade),
      'com.docker.network.bridge.host_binding_ipv4': hostBinding,
      [bridgeNameOption]: options.bridgeName,
      'com.docker.network.driver.mtu': String(options.mtu),
    },
  });
}

const poolOf = (network: NetworkRecord | undefined, family: Family): NetworkIpam | undefined =>
  network?.ipam.find(({ subnet }) => parseSubnet(subnet).family === family);

async function chooser(
  store: NetworkStore,
  { pools: own, bridgeName, engineId }: DefaultNetworkOptions,
): Promise<(family: Family) => NetworkIpam> {
  const pools = own.length > 0 ? own : defaultAddressPools;
  const others = store.list().filter(({ name }) => name !== 'bridge');
  const used = [...subnetsInUse(others), ...(await routedSubnets([bridgeName]))];
  return (family) => freeSubnet(family, { pools, used, machineId: engineId });
}

/** The bridge's address says the subnet; else the range that containers are to be in is all of it. */
function asked({ bridgeCidr, range }: FamilySettings): NetworkIpam | null {
  if (bridgeCidr !== '') return pool(bridgeCidr, bridgeCidr.split('/')[0] ?? '');
  return range === '' ? null : pool(range);
}

interface FamilySettings {
  bridgeCidr: string;
  range: string;
  gateway: string;
}

const familySettings = ({ defaultBridge: bridge }: DefaultNetworkOptions, family: Family): FamilySettings =>
  family === 4
    ? { bridgeCidr: bridge.bip, range: bridge.fixedCidr, gateway: bridge.gateway }
    : { bridgeCidr: bridge.bip6, range: bridge.fixedCidrV6, gateway: bridge.gatewayV6 };

function withSettings(ipam: NetworkIpam, options: DefaultNetworkOptions, family: Family): NetworkIpam {
  const { range, gateway } = familySettings(options, family);
  if (gateway !== '' && !contains(parseSubnet(ipam.subnet), gateway)) {
    const key = family === 4 ? 'default-gateway' : 'default-gateway-v6';
    throw new InvalidParameterError(
      `${key}: expected an address of the bridge's network ${ipam.subnet}, got ${gateway}`,
    );
  }
  return { ...ipam, ipRange: range, auxiliary: gateway === '' ? {} : { [wayOutNames[family]]: gateway } };
}

function pool(cidr: string, gateway = ''): NetworkIpam {
  const subnet = parseSubnet(cidr);
  const first = formatAddress(subnet.base + 1n, subnet.family);
  return { subnet: formatSubnet(subnet), ipRange: '', gateway: gateway || first, hasGateway: true, auxiliary: {} };
}
