import type { GatewayMode } from './bridge-options.ts';
import { contains, parseSubnet } from './cidr.ts';
import { runScript } from './ip-tool.ts';

/** How one family of a bridge is connected to the rest of the world. */
export interface BridgeFamily {
  /** CIDR of the network. */
  subnet: string;
  mode: GatewayMode;
  /** Address that containers have outside; '' for that of the interface they leave by. */
  hostAddress: string;
}

/** A bridge as the machine has it. */
export interface BridgeSettings {
  name: string;
  mtu: number;
  /** null: the network has no addresses of the family. */
  ipv4: BridgeFamily | null;
  ipv6: BridgeFamily | null;
  /** The bridge's own addresses with their prefix length. */
  addresses: string[];
  icc: boolean;
  masquerade: boolean;
  internal: boolean;
  /** From these, open ports are reached by the container's own address. */
  trustedInterfaces: readonly string[];
}

export const isIpv6 = (address: string): boolean => address.includes(':');

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
echo 1 > /proc/sys/net/ipv4/conf/${name}/route_localnet
${add.join('\n')}
ip link set dev ${name} mtu ${bridge.mtu} up
echo 1 > /proc/sys/net/ipv4/ip_forward
${hasIpv6 ? 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding' : ''}
`);
}

export async function deleteBridge(name: string): Promise<void> {
  await runScript(`ip link show dev ${name} >/dev/null 2>&1 || exit 0\nip link delete dev ${name}\n`);
}

/** 'address/prefix' of an address in the subnet it lies in. */
export function withPrefix(address: string, subnets: readonly string[]): string {
  const subnet = subnets.map(parseSubnet).find((candidate) => contains(candidate, address));
  return `${address}/${subnet?.prefix ?? (isIpv6(address) ? 128 : 32)}`;
}
