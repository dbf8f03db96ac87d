import { isIP } from 'node:net';
import type { PortMap } from '../api/engine/host-config.ts';
import type { PortRequest, PublishedPort } from '../api/index.ts';
import { InvalidParameterError, SystemError } from '../api/index.ts';
import type { GatewayMode } from './bridge-options.ts';

/** '80/tcp', '53/udp', '80' → number and protocol. */
export function parsePort(text: string): { port: number; protocol: 'tcp' | 'udp' | 'sctp' } {
  const [number = '', protocol = 'tcp'] = text.split('/');
  const port = Number(number);
  if (!/^\d+$/.test(number) || port > 65535) throw new InvalidParameterError(`invalid port specification: "${text}"`);
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp')
    throw new InvalidParameterError(`invalid port specification: "${text}"`);
  return { port, protocol };
}

/** '', '8080' or '8000-8010'. */
function parseHostPorts(text: string): { first: number; last: number } {
  if (text === '') return { first: 0, last: 0 };
  const [first = '', last = first] = text.split('-');
  if (!/^\d+$/.test(first) || !/^\d+$/.test(last) || Number(last) > 65535 || Number(first) > Number(last)) {
    throw new InvalidParameterError(`invalid port specification: "${text}"`);
  }
  return { first: Number(first), last: Number(last) };
}

/** The container's address in one family and how that is connected; '' without one. */
export interface PublishedSide {
  address: string;
  mode: GatewayMode;
}

export interface PortPlanOptions {
  bindings: PortMap;
  exposed: readonly string[];
  publishAll: boolean;
  ipv4: PublishedSide;
  ipv6: PublishedSide;
  /** Where a binding names no address; '' for every one. */
  defaultHostIp: string;
}

export interface PortPlan {
  /** What to ask of the host. */
  requests: PortRequest[];
  /** Ports of routed networks: open at the container's own address, on no port of the host. */
  routed: PublishedPort[];
}

/** What becomes of a container's bindings and, with `publishAll`, its other exposed ports. */
export function planPorts(options: PortPlanOptions): PortPlan {
  const wanted = new Map(Object.entries(options.bindings).filter(([, bindings]) => bindings?.length));
  if (options.publishAll) {
    for (const port of options.exposed) if (!wanted.has(port)) wanted.set(port, [{ HostIp: '', HostPort: '' }]);
  }
  const plans = [...wanted].flatMap(([name, bindings]) =>
    (bindings ?? []).map((binding) => planBinding(parsePort(name), binding, options)),
  );
  return { requests: plans.flatMap(({ requests }) => requests), routed: plans.flatMap(({ routed }) => routed) };
}

function planBinding(
  { port, protocol }: ReturnType<typeof parsePort>,
  { HostIp, HostPort }: { HostIp: string; HostPort: string },
  { ipv4, ipv6, defaultHostIp }: PortPlanOptions,
): PortPlan {
  const { first, last } = parseHostPorts(HostPort);
  // What is no address means every address, to dockerd.
  const asked = isIP(HostIp) === 0 ? defaultHostIp : HostIp;
  if (protocol === 'sctp') throw new SystemError(noSctp(asked, first));
  const family = isIP(asked);
  const target = { targetIp: ipv4.address || ipv6.address, targetIpv6: ipv6.address, targetPort: port };
  const plain = { protocol, hostPortFirst: first, hostPortLast: last, ...target };
  const isRouted = ({ address, mode }: PublishedSide) => address !== '' && mode === 'routed';
  const sides = [
    { family: 4, any: '0.0.0.0', isRouted: isRouted(ipv4), isReached: ipv4.address !== '' },
    { family: 6, any: '::', isRouted: isRouted(ipv6), isReached: target.targetIp !== '' },
  ].filter((side) => family === 0 || side.family === family);
  const onHost = sides.filter((side) => side.isReached && !side.isRouted).map(({ any }) => any);
  const hostIp = onHost.length === 2 ? '' : asked || (onHost[0] ?? '');
  return {
    requests: onHost.length === 0 ? [] : [{ ...plain, hostIp }],
    routed: sides
      .filter((side) => side.isRouted)
      .map(({ any }) => ({ ...plain, hostIp: any, hostPort: 0, hostIps: [any], direct: false })),
  };
}

/** dockerd's words where the kernel has no SCTP; Node.js never has. */
const noSctp = (hostIp: string, port: number): string =>
  `error starting userland proxy: failed to listen on ${hostIp || '0.0.0.0'}:${port}: protocol not supported`;

/** NetworkSettings.Ports: every exposed port, null where it is not published. */
export function portMap(exposed: readonly string[], published: readonly PublishedPort[]): PortMap {
  const map: PortMap = Object.fromEntries(exposed.map((name) => [name, null]));
  for (const port of published) {
    const name = `${port.targetPort}/${port.protocol}`;
    const number = port.hostPort === 0 ? '' : String(port.hostPort);
    const bindings = port.hostIps.map((HostIp) => ({ HostIp, HostPort: number }));
    map[name] = [...(map[name] ?? []), ...bindings];
  }
  return map;
}
