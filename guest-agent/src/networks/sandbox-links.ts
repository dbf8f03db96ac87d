import { createHash, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { runScript, useRealTools } from './ip-tool.ts';
import type { Endpoint, Sandbox } from './network.ts';

/** What an endpoint is wired to. */
export interface Wiring {
  endpoint: Endpoint;
  bridge: string;
  mtu: number;
}

/** The endpoint whose gateway is the way out; null: there is none. */
export interface DefaultRoute {
  ipv4: Endpoint | null;
  ipv6: Endpoint | null;
}

/**
 * Makes a sandbox's namespace and wires its endpoints. A veth pair is born inside, so the container's end never shows
 * on the machine; IPv6 stays off where the network has none, as Docker does it.
 */
export async function createSandbox(sandbox: Sandbox, wirings: readonly Wiring[], route: DefaultRoute): Promise<void> {
  const enter = `: > ${sandbox.path}\nunshare --net=${sandbox.path}`;
  await runScript(fillScript(enter, wirings, route));
}

/** Wires a sandbox whose namespace is mounted already. */
export async function fillSandbox(sandbox: Sandbox, wirings: readonly Wiring[], route: DefaultRoute): Promise<void> {
  await runScript(fillScript(`nsenter --net=${sandbox.path}`, wirings, route));
}

const fillScript = (enter: string, wirings: readonly Wiring[], route: DefaultRoute): string => `
${enter} sh -e <<'INSIDE'
${useRealTools}echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
${inside(['link set lo up'], wirings, route)}
INSIDE
${outside(wirings)}
`;

/** Adds endpoints to a namespace that exists. */
export async function wire(path: string, wirings: readonly Wiring[], route: DefaultRoute): Promise<void> {
  await runScript(`
nsenter --net=${path} sh -e <<'INSIDE'
${useRealTools}${inside([], wirings, route)}
INSIDE
${outside(wirings)}
`);
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
const batch = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `ip -batch - <<'LINES'\n${lines.join('\n')}\nLINES`;

function inside(first: readonly string[], wirings: readonly Wiring[], route: DefaultRoute): string {
  const created = [...first, ...wirings.map(linkLine)];
  const configured = [...wirings.flatMap(addressLines), ...routeLines(route)];
  const switches = wirings
    .filter(({ endpoint }) => endpoint.ipv6Address !== '')
    .map(({ endpoint }) => `echo 0 > /proc/sys/net/ipv6/conf/${endpoint.interfaceName}/disable_ipv6`);
  // An interface takes IPv6 addresses only once it exists and has been switched on.
  if (switches.length === 0) return batch([...created, ...configured]);
  return [batch(created), ...switches, batch(configured)].join('\n');
}

const linkLine = ({ endpoint, mtu }: Wiring): string =>
  `link add ${endpoint.interfaceName} address ${endpoint.macAddress} mtu ${mtu} ` +
  `type veth peer name ${endpoint.hostInterface} mtu ${mtu} netns ${process.pid}`;

function addressLines({ endpoint }: Wiring): string[] {
  const { interfaceName: name, ipAddress, prefixLength, ipv6Address, ipv6PrefixLength } = endpoint;
  return [
    ...(ipAddress === '' ? [] : [`addr add ${ipAddress}/${prefixLength} brd + dev ${name}`]),
    ...(ipv6Address === '' ? [] : [`addr add ${ipv6Address}/${ipv6PrefixLength} dev ${name} nodad`]),
    `link set ${name} up`,
  ];
}

function routeLines({ ipv4, ipv6 }: DefaultRoute): string[] {
  return [
    ...(ipv4 ? [`route replace default via ${ipv4.gateway} dev ${ipv4.interfaceName}`] : []),
    ...(ipv6 ? [`route replace default via ${ipv6.ipv6Gateway} dev ${ipv6.interfaceName}`] : []),
  ];
}

const outside = (wirings: readonly Wiring[]): string =>
  batch(wirings.map(({ endpoint, bridge }) => `link set ${endpoint.hostInterface} master ${bridge} up`));

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
