import { contains, parseSubnet } from './cidr.ts';
import { applyRules, runScript } from './ip-tool.ts';

/** A bridge as the machine has it. */
export interface BridgeSettings {
  name: string;
  mtu: number;
  /** CIDRs of the network, and the bridge's own addresses in them with their prefix length. */
  subnets: string[];
  addresses: string[];
  icc: boolean;
  masquerade: boolean;
  internal: boolean;
}

const isIpv6 = (address: string): boolean => address.includes(':');

/** Makes the bridge or brings an existing one to these settings. */
export async function ensureBridge(bridge: BridgeSettings): Promise<void> {
  const { name, addresses } = bridge;
  const hasIpv6 = addresses.some(isIpv6);
  const add = addresses.map((address) =>
    isIpv6(address) ? `ip -6 addr add ${address} dev ${name} nodad` : `ip addr add ${address} brd + dev ${name}`,
  );
  await runScript(`
ip link show dev ${name} >/dev/null 2>&1 || ip link add name ${name} type bridge
ip addr flush dev ${name} scope global
[ ! -e /proc/sys/net/ipv6/conf/${name} ] || echo ${hasIpv6 ? 0 : 1} > /proc/sys/net/ipv6/conf/${name}/disable_ipv6
${add.join('\n')}
ip link set dev ${name} mtu ${bridge.mtu} up
echo 1 > /proc/sys/net/ipv4/ip_forward
${hasIpv6 ? 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding' : ''}
`);
}

export async function deleteBridge(name: string): Promise<void> {
  await runScript(`ip link show dev ${name} >/dev/null 2>&1 || exit 0\nip link delete dev ${name}\n`);
}

/** Everything that the bridges let through and translate, in tables of our own; other tables are never touched. */
export async function applyBridgeRules(table: string, bridges: readonly BridgeSettings[]): Promise<void> {
  await applyRules(
    ['ip', 'ip6'].map((family) => familyRules(family, table, bridges)).join('') + iccRules(table, bridges),
  );
}

function familyRules(family: string, table: string, bridges: readonly BridgeSettings[]): string {
  const own = (subnet: string) => isIpv6(subnet) === (family === 'ip6');
  const nat = bridges
    .filter(({ masquerade, internal }) => masquerade && !internal)
    .flatMap((b) => b.subnets.filter(own).map((s) => `${family} saddr ${s} oifname != "${b.name}" masquerade`));
  // What enters a bridge from elsewhere is refused before anything is let out of another one.
  const forward = [
    ...bridges.filter(({ internal }) => internal).map(({ name }) => `iifname "${name}" oifname != "${name}" drop`),
    ...bridges.flatMap(({ name, internal }) => [
      ...(internal ? [] : [`oifname "${name}" ct state established,related accept`]),
      `oifname "${name}" iifname != "${name}" drop`,
    ]),
    ...bridges.map(({ name }) => `iifname "${name}" accept`),
  ];
  return `
table ${family} ${table} {}
delete table ${family} ${table}
table ${family} ${table} {
  chain postrouting { type nat hook postrouting priority srcnat; policy accept;
    ${nat.join('\n    ')}
  }
  chain forward { type filter hook forward priority filter; policy accept;
    ${forward.join('\n    ')}
  }
}
`;
}

/** Traffic between two ports of one bridge never passes the IP hooks. The gateway stays reachable. */
function iccRules(table: string, bridges: readonly BridgeSettings[]): string {
  const closed = bridges.filter(({ icc }) => !icc);
  if (closed.length === 0) return '';
  const rules = closed.map(({ name }) => `meta ibrname "${name}" meta obrname "${name}" drop`);
  return `
table bridge ${table} {}
delete table bridge ${table}
table bridge ${table} {
  chain forward { type filter hook forward priority 0; policy accept;
    ${rules.join('\n    ')}
  }
}
`;
}

export async function deleteRules(table: string): Promise<void> {
  for (const family of ['ip', 'ip6'])
    await applyRules(`table ${family} ${table} {}\ndelete table ${family} ${table}\n`);
  // A kernel without bridge tables never had one.
  await applyRules(`table bridge ${table} {}\ndelete table bridge ${table}\n`).catch(() => undefined);
}

/** 'address/prefix' of an address in the subnet it lies in. */
export function withPrefix(address: string, subnets: readonly string[]): string {
  const subnet = subnets.map(parseSubnet).find((candidate) => contains(candidate, address));
  return `${address}/${subnet?.prefix ?? (isIpv6(address) ? 128 : 32)}`;
}
