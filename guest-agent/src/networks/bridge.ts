import { existsSync } from 'node:fs';
import type { GatewayMode } from './bridge-options.ts';
import { contains, parseSubnet } from './cidr.ts';
import { runScript } from './ip-tool.ts';
import { bearsMark } from './own-links.ts';

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
  /** The engine has named it: no other program's. */
  isOwn: boolean;
  mtu: number;
  /** null: the network has no addresses of the family. */
  ipv4: BridgeFamily | null;
  ipv6: BridgeFamily | null;
  /** The bridge's own addresses with their prefix length. */
  addresses: string[];
  icc: boolean;
  masquerade: boolean;
  internal: boolean;
  /** The machine is to pass on packets. */
  forwards: boolean;
  /** From these, open ports are reached by the container's own address. */
  trustedInterfaces: readonly string[];
}

export const isIpv6 = (address: string): boolean => address.includes(':');

/**
 * Makes the bridge or brings an existing one to these settings. What it makes bears the mark; somebody else's keeps the
 * addresses that it has.
 */
export async function ensureBridge(bridge: BridgeSettings, mark: string): Promise<void> {
  const { name, addresses, isOwn } = bridge;
  const isMade = isOwn || !existsSync(`/sys/class/net/${name}`) || bearsMark(name, mark);
  const hasIpv6 = addresses.some(isIpv6);
  const add = addresses.map((address) =>
    isIpv6(address)
      ? `ip -6 addr replace ${address} dev ${name} nodad`
      : `ip addr replace ${address} brd + dev ${name}`,
  );
  await runScript(`
ip link show dev ${name} >/dev/null 2>&1 || ip link add name ${name} type bridge
${isMade ? `ip link set dev ${name} alias ${mark}\nip addr flush dev ${name} scope global` : ''}
[ ! -e /proc/sys/net/ipv6/conf/${name} ] || echo ${hasIpv6 ? 0 : 1} > /proc/sys/net/ipv6/conf/${name}/disable_ipv6
echo 1 > /proc/sys/net/ipv4/conf/${name}/route_localnet
${add.join('\n')}
ip link set dev ${name} mtu ${bridge.mtu} up
${bridge.forwards ? 'echo 1 > /proc/sys/net/ipv4/ip_forward' : ''}
${bridge.forwards && hasIpv6 ? 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding' : ''}
`);
}

/** Nothing happens where it is gone, or somebody else's. */
export async function deleteBridge({ name }: Pick<BridgeSettings, 'name'>, mark: string): Promise<void> {
  if (bearsMark(name, mark)) await runScript(`ip link delete dev ${name}`);
}

/** 'address/prefix' of an address in the subnet it lies in. */
export function withPrefix(address: string, subnets: readonly string[]): string {
  const subnet = subnets.map(parseSubnet).find((candidate) => contains(candidate, address));
  return `${address}/${subnet?.prefix ?? (isIpv6(address) ? 128 : 32)}`;
}
