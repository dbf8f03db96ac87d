import { createHash, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { redirectLines, type Redirection } from './dns/redirect.ts';
import { runScript, useRealTools } from './ip-tool.ts';
import type { Endpoint, Sandbox } from './network.ts';
import type { VlanDriver } from './vlan-options.ts';

/** How an endpoint comes to its network: by a cable into a bridge, or as a branch of one of the machine's interfaces. */
export type Wire =
  | { kind: 'veth'; bridge: string; mtu: number; isolated: boolean; advertises: boolean }
  | { kind: VlanDriver; parent: string; mode: string; flag: string; advertises: boolean };

export interface Wiring {
  endpoint: Endpoint;
  wire: Wire;
}

/** What is to be wired, and the way out of the sandbox afterwards. */
export interface WirePlan {
  wirings: readonly Wiring[];
  route: DefaultRoute;
}

/** The endpoint whose gateway is the way out; null: there is none. Without a gateway its interface itself is. */
export interface DefaultRoute {
  ipv4: Endpoint | null;
  ipv6: Endpoint | null;
}

/**
 * Makes a sandbox's namespace and wires its endpoints. An interface is born inside, so a container's end never shows on
 * the machine; IPv6 stays off where the network has none, as Docker does it; and neighbours hear of new addresses.
 */
export async function createSandbox(
  { path, resolver, isStep }: Sandbox,
  { isMounted, ...plan }: WirePlan & { isMounted: boolean },
): Promise<void> {
  const enter = isMounted ? `nsenter --net=${path}` : `: > ${path}\nunshare --net=${path}`;
  await runScript(`
${enter} sh -e <<'INSIDE'
for name in ipv6/conf/default/disable_ipv6 ipv4/conf/default/arp_notify ipv6/conf/default/ndisc_notify; do
  [ ! -e /proc/sys/net/$name ] || echo 1 > /proc/sys/net/$name
done
INSIDE
${outside(path, plan.wirings)}
${inside(path, plan, { first: ['link set lo up'], names: resolver && { target: resolver, isAll: isStep } })}
`);
}

/** Adds endpoints to a namespace that exists. */
export async function wire(path: string, plan: WirePlan): Promise<void> {
  await runScript(`${outside(path, plan.wirings)}\n${inside(path, plan, { first: [], names: null })}\n`);
}

/** Takes an endpoint out; its other end goes with it. */
export async function unwire(path: string, interfaceName: string, route: DefaultRoute): Promise<void> {
  await runScript(`
nsenter --net=${path} sh -e <<'INSIDE'
${useRealTools}ip link delete ${interfaceName} 2>/dev/null || true
${batch(routeLines(route))}
INSIDE
`);
}

/** One start of ip(8) for many lines; it is most of what a sandbox costs. */
const batch = (lines: readonly string[], command = 'ip'): string =>
  lines.length === 0 ? '' : `${command} -batch - <<'LINES'\n${lines.join('\n')}\nLINES`;

const outside = (path: string, wirings: readonly Wiring[]): string =>
  batch(wirings.flatMap((wiring) => linkLines(path, wiring)));

function linkLines(path: string, { endpoint, wire: { kind, ...wire } }: Wiring): string[] {
  const { interfaceName: name, hostInterface, macAddress } = endpoint;
  if ('parent' in wire) {
    const type = kind === 'macvlan' ? `macvlan mode ${wire.mode}` : `ipvlan mode ${wire.mode} ${wire.flag}`;
    const address = kind === 'macvlan' ? `address ${macAddress} ` : '';
    // Older kernels look for the name on the machine, too: it gets its own inside.
    return [`link add link ${wire.parent} name ${hostInterface} ${address}netns ${path} type ${type}`];
  }
  const { bridge, mtu, isolated } = wire;
  const peer = `peer name ${name} address ${macAddress} mtu ${mtu} netns ${path}`;
  return [
    `link add ${hostInterface} mtu ${mtu} type veth ${peer}`,
    `link set ${hostInterface} master ${bridge} up`,
    ...(isolated ? [`link set ${hostInterface} type bridge_slave isolated on`] : []),
  ];
}

function inside(
  path: string,
  { wirings, route }: WirePlan,
  { first, names: redirection }: { first: readonly string[]; names: Redirection | null },
): string {
  const lines = [...first, ...wirings.flatMap(addressLines), ...routeLines(route)];
  const names = wirings.flatMap(renameLines);
  const switches = [...wirings.flatMap(switchLines), ...(redirection ? [redirectLines(redirection)] : [])];
  if (switches.length === 0) return batch([...names, ...lines], `nsenter --net=${path} ip`);
  return `
nsenter --net=${path} sh -e <<'INSIDE'
${useRealTools}${[batch(names), ...switches, batch(lines)].join('\n')}
INSIDE`;
}

/** A branch of the machine's interface comes into the namespace under another name. */
const renameLines = ({ endpoint: { hostInterface, interfaceName }, wire: { kind } }: Wiring): string[] =>
  kind === 'veth' ? [] : [`link set ${hostInterface} name ${interfaceName}`];

/** What an interface's own settings have to be before it has addresses. */
function switchLines({ endpoint, wire: { advertises } }: Wiring): string[] {
  const { interfaceName: name } = endpoint;
  return [
    ...(advertises ? [] : [`echo 0 > /proc/sys/net/ipv4/conf/${name}/arp_notify`]),
    ...(endpoint.ipv6Address === '' ? [] : [`echo 0 > /proc/sys/net/ipv6/conf/${name}/disable_ipv6`]),
    ...endpoint.sysctls.map((setting) => sysctlLine(setting, endpoint)),
  ];
}

/** 'net.ipv4.conf.IFNAME.log_martians=1', checked when the container was made; on a shell's input all the same. */
function sysctlLine(setting: string, { interfaceName, hostInterface }: Endpoint): string {
  const [key = '', ...value] = setting.split('=');
  const file = `/proc/sys/${key
    .split('.')
    .join('/')
    .replace(/\/ifname\//i, `/${interfaceName}/`)}`;
  const problem = `failed to add interface ${hostInterface} to sandbox: ${file} is not a sysctl file`;
  return [
    `[ -f ${quoted(file)} ] || { echo ${quoted(problem)} >&2; exit 99; }`,
    `echo ${quoted(value.join('='))} > ${quoted(file)}`,
  ].join('\n');
}

/** One word to a shell, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function addressLines({ endpoint }: Wiring): string[] {
  const { interfaceName: name, ipAddress, prefixLength, ipv6Address, ipv6PrefixLength } = endpoint;
  return [
    ...(ipAddress === '' ? [] : [`addr add ${ipAddress}/${prefixLength} brd + dev ${name}`]),
    ...(ipv6Address === '' ? [] : [`addr add ${ipv6Address}/${ipv6PrefixLength} dev ${name} nodad`]),
    ...endpoint.linkLocalAddresses.map((each) => `addr add ${each}/${each.includes(':') ? 64 : 16} dev ${name}`),
    `link set ${name} up`,
  ];
}

function routeLines({ ipv4, ipv6 }: DefaultRoute): string[] {
  const via = (gateway: string, name: string) => (gateway === '' ? `dev ${name}` : `via ${gateway} dev ${name}`);
  return [
    ...(ipv4 ? [`route replace 0.0.0.0/0 ${via(ipv4.gateway, ipv4.interfaceName)}`] : []),
    ...(ipv6 ? [`route replace ::/0 ${via(ipv6.ipv6Gateway, ipv6.interfaceName)}`] : []),
  ];
}

/** The interfaces go with the namespace. Succeeds when it is gone already. */
export async function deleteSandbox(path: string): Promise<void> {
  await runScript(`umount -l ${path} 2>/dev/null || true`);
  await rm(path, { force: true });
}

/** Locally administered, unicast. */
export function randomMac(): string {
  const bytes = randomBytes(6);
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 0x02;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Names of veth ends: short, unique on the machine. */
export function hostInterfaceName(endpointId: string): string {
  return `veth${createHash('sha1').update(endpointId).digest('hex').slice(0, 7)}`;
}
