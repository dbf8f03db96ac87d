import { isIP } from 'node:net';
import type { PortMap } from '../api/engine/host-config.ts';
import type { PortRequest, PublishedPort } from '../api/index.ts';
import { InvalidParameterError } from '../api/index.ts';

/** '80/tcp', '53/udp', '80' → number and protocol. */
export function parsePort(text: string): { port: number; protocol: 'tcp' | 'udp' } {
  const [number = '', protocol = 'tcp'] = text.split('/');
  const port = Number(number);
  if (!/^\d+$/.test(number) || port > 65535) throw new InvalidParameterError(`invalid port specification: "${text}"`);
  if (protocol !== 'tcp' && protocol !== 'udp') {
    throw new InvalidParameterError(
      `invalid port specification: "${text}": berth publishes tcp and udp, not ${protocol}`,
    );
  }
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

/** What to ask of the host for a container's bindings and, with `publishAll`, its other exposed ports. */
export function portRequests(options: {
  bindings: PortMap;
  exposed: readonly string[];
  publishAll: boolean;
  targetIp: string;
  /** Where a binding names no address; '' for every one. */
  defaultHostIp: string;
}): PortRequest[] {
  const wanted = new Map(Object.entries(options.bindings).filter(([, bindings]) => bindings?.length));
  if (options.publishAll) {
    for (const port of options.exposed) if (!wanted.has(port)) wanted.set(port, [{ HostIp: '', HostPort: '' }]);
  }
  return [...wanted].flatMap(([name, bindings]) => {
    const { port, protocol } = parsePort(name);
    return (bindings ?? []).map(({ HostIp, HostPort }) => {
      const { first, last } = parseHostPorts(HostPort);
      return {
        protocol,
        // What is no address means every address, to dockerd.
        hostIp: isIP(HostIp) === 0 ? options.defaultHostIp : HostIp,
        hostPortFirst: first,
        hostPortLast: last,
        targetIp: options.targetIp,
        targetPort: port,
      };
    });
  });
}

/** NetworkSettings.Ports: every exposed port, null where it is not published. */
export function portMap(exposed: readonly string[], published: readonly PublishedPort[]): PortMap {
  const map: PortMap = Object.fromEntries(exposed.map((name) => [name, null]));
  for (const port of published) {
    const name = `${port.targetPort}/${port.protocol}`;
    const bindings = port.hostIps.map((HostIp) => ({ HostIp, HostPort: String(port.hostPort) }));
    map[name] = [...(map[name] ?? []), ...bindings];
  }
  return map;
}
