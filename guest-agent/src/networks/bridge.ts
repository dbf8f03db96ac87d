import { randomBytes } from 'node:crypto';
import { applyRules, runScript, useRealTools } from './ip-tool.ts';
import type { Endpoint, Sandbox } from './network.ts';

export interface BridgeSettings {
  name: string;
  /** CIDR of the network. */
  subnet: string;
  gateway: string;
  prefixLength: number;
  mtu: number;
}

/** Makes the bridge or brings an existing one to these settings. */
export async function ensureBridge(bridge: BridgeSettings): Promise<void> {
  await runScript(`
ip link show dev ${bridge.name} >/dev/null 2>&1 || ip link add name ${bridge.name} type bridge
ip addr flush dev ${bridge.name} scope global
ip addr add ${bridge.gateway}/${bridge.prefixLength} brd + dev ${bridge.name}
ip link set dev ${bridge.name} mtu ${bridge.mtu} up
echo 1 > /proc/sys/net/ipv4/ip_forward
`);
}

export async function deleteBridge(name: string): Promise<void> {
  await runScript(`ip link show dev ${name} >/dev/null 2>&1 || exit 0\nip link delete dev ${name}\n`);
}

/** Masquerading and forwarding for a bridge, in a table of our own; other tables are never touched. */
export async function applyBridgeRules(table: string, bridges: readonly BridgeSettings[]): Promise<void> {
  const nat = bridges.map((b) => `ip saddr ${b.subnet} oifname != "${b.name}" masquerade`);
  const forward = bridges.flatMap((b) => [
    `iifname "${b.name}" accept`,
    `oifname "${b.name}" ct state established,related accept`,
    `oifname "${b.name}" iifname != "${b.name}" drop`,
  ]);
  await applyRules(`
table ip ${table} {}
delete table ip ${table}
table ip ${table} {
  chain postrouting { type nat hook postrouting priority srcnat; policy accept;
    ${nat.join('\n    ')}
  }
  chain forward { type filter hook forward priority filter; policy accept;
    ${forward.join('\n    ')}
  }
}
`);
}

export async function deleteRules(table: string): Promise<void> {
  await applyRules(`table ip ${table} {}\ndelete table ip ${table}\n`);
}

/** Locally administered, unicast. */
export function randomMac(): string {
  const bytes = randomBytes(6);
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 0x02;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/**
 * Makes a sandbox's namespace and wires its endpoints to their bridges. The veth pair is born inside, so the
 * container's end never shows on the machine; IPv6 stays off where the network has none, as Docker does it.
 */
export async function createSandbox(
  sandbox: Sandbox,
  bridgeOf: (networkId: string) => string,
  mtu: number,
): Promise<void> {
  const wired = sandbox.endpoints.filter((endpoint) => endpoint.hostInterface !== '');
  const inside = wired.flatMap((endpoint, i) => [
    `link add eth${i} address ${endpoint.macAddress} mtu ${mtu} type veth peer name ${endpoint.hostInterface} mtu ${mtu} netns ${process.pid}`,
    `addr add ${endpoint.ipAddress}/${endpoint.prefixLength} brd + dev eth${i}`,
    `link set eth${i} up`,
    ...(i === 0 ? [`route add default via ${endpoint.gateway}`] : []),
  ]);
  const outside = wired.map(
    (endpoint) => `link set ${endpoint.hostInterface} master ${bridgeOf(endpoint.networkId)} up`,
  );
  await runScript(`
: > ${sandbox.path}
unshare --net=${sandbox.path} sh -e <<'INSIDE'
${useRealTools}echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
ip -batch - <<'LINKS'
link set lo up
${inside.join('\n')}
LINKS
INSIDE
${outside.length === 0 ? '' : `ip -batch - <<'OUTSIDE'\n${outside.join('\n')}\nOUTSIDE`}
`);
}

/** The interfaces go with the namespace. Succeeds when it is gone already. */
export async function deleteSandbox(path: string): Promise<void> {
  await runScript(`umount -l ${path} 2>/dev/null || true\nrm -f ${path}\n`);
}

/** Names of veth ends: short, unique on the machine. */
export function hostInterfaceName(endpointId: string): Endpoint['hostInterface'] {
  return `veth${endpointId.slice(0, 7)}`;
}
