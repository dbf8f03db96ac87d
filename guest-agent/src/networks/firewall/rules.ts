import { type BridgeFamily, type BridgeSettings, isIpv6 } from '../bridge.ts';
import type { Family } from '../cidr.ts';
import { hostGatewayAddress } from '../host-gateway.ts';
import type { OpenPort } from './open-port.ts';

/** Everything that the bridges let through and translate, as one nftables transaction; other tables are never touched. */
export const ruleset = (parts: RuleParts): string =>
  (['ip', 'ip6'] as const)
    .map((family) =>
      parts.filtered.includes(family === 'ip' ? 4 : 6) ? familyTable(family, parts) : noTable(family, parts),
    )
    .join('');

export interface RuleParts {
  table: string;
  hostAddress: string | null;
  /** Families that have rules at all. */
  filtered: readonly Family[];
  bridges: readonly BridgeSettings[];
  ports: readonly OpenPort[];
}

type FamilyName = 'ip' | 'ip6';
type Side = BridgeSettings & { side: BridgeFamily };

/** nftables takes away only what is there: the table is made first. */
const noTable = (family: FamilyName, { table }: Pick<RuleParts, 'table'>): string =>
  `table ${family} ${table} {}\ndelete table ${family} ${table}\n`;

function familyTable(family: FamilyName, { table, hostAddress, bridges, ports }: RuleParts): string {
  const address = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  const sides = bridges.flatMap((bridge) => {
    const side = family === 'ip' ? bridge.ipv4 : bridge.ipv6;
    return side ? [{ ...bridge, side }] : [];
  });
  const own = ports.filter(({ targetIp }) => isIpv6(targetIp) === (family === 'ip6'));
  return `
${noTable(family, { table })}
table ${family} ${table} {
  set open { type ${address} . inet_proto . inet_service; ${elements(own.map(openElement))} }
  map published { type inet_proto . inet_service : ${address} . inet_service; ${elements(own.flatMap(anywhere))} }
  map publishedat { type ${address} . inet_proto . inet_service : ${address} . inet_service; ${elements(own.flatMap(somewhere))} }
  ${publishChains(family, bridges, hostAddress)}
  ${chain('postrouting', 'type nat hook postrouting priority srcnat', sourceRules(family, sides))}
  ${chain('forward', 'type filter hook forward priority filter', forwardRules(family, bridges, sides))}
}
`;
}

/** An empty list of elements is a syntax error. */
const elements = (all: readonly string[]): string =>
  all.length === 0 ? '' : `elements = { ${[...new Set(all)].join(', ')} };`;

const openElement = ({ targetIp, protocol, targetPort }: OpenPort): string =>
  `${targetIp} . ${protocol} . ${targetPort}`;
const anywhere = ({ published, protocol, targetIp, targetPort }: OpenPort): string[] =>
  published?.address === '' ? [`${protocol} . ${published.port} : ${targetIp} . ${targetPort}`] : [];
const somewhere = ({ published, protocol, targetIp, targetPort }: OpenPort): string[] =>
  published && published.address !== ''
    ? [`${published.address} . ${protocol} . ${published.port} : ${targetIp} . ${targetPort}`]
    : [];

const chain = (name: string, kind: string, rules: readonly string[]): string =>
  `chain ${name} { ${kind}; policy accept;\n    ${rules.join('\n    ')}\n  }`;

/**
 * What comes for a published port goes to the container at once. Containers' own questions go to the program that
 * holds the port on the machine instead: it reaches all networks, they do not.
 */
function publishChains(family: FamilyName, bridges: readonly BridgeSettings[], hostAddress: string | null): string {
  const names = bridges.map(({ name }) => `"${name}"`).join(', ');
  const fromBridges = names === '' ? [] : [`iifname { ${names} } return`];
  const toHost =
    family === 'ip' && hostAddress !== null ? [`ip daddr ${hostGatewayAddress} dnat to ${hostAddress}`] : [];
  const toLocal = 'fib daddr type local jump publish';
  // Linux answers for 127.0.0.0/8 on any interface with route_localnet, and for ::1 on none.
  const guard = family === 'ip' && names !== '' ? [`iifname { ${names} } ip daddr 127.0.0.0/8 drop`] : [];
  return `chain publish {
    ${family === 'ip6' ? 'ip6 daddr ::1 return' : ''}
    dnat ${family} to ${family} daddr . meta l4proto . th dport map @publishedat
    dnat ${family} to meta l4proto . th dport map @published
  }
  ${chain('guard', 'type filter hook prerouting priority raw', guard)}
  ${chain('prerouting', 'type nat hook prerouting priority dstnat', [...toHost, ...fromBridges, toLocal])}
  ${chain('output', 'type nat hook output priority -100', [...toHost, toLocal])}`;
}

/** What leaves a network has the machine's address, unless the network is routed. */
function sourceRules(family: FamilyName, sides: readonly Side[]): string[] {
  return sides
    .filter(({ internal }) => !internal)
    .flatMap(({ name, masquerade, side }) => {
      const outside = side.hostAddress === '' ? 'masquerade' : `snat to ${side.hostAddress}`;
      const leaves = masquerade && side.mode !== 'routed';
      return [
        ...(leaves ? [`${family} saddr ${side.subnet} oifname != "${name}" ${outside}`] : []),
        ...(family === 'ip' ? [`oifname "${name}" ip saddr 127.0.0.0/8 masquerade`] : []),
      ];
    });
}

/** What enters a bridge from elsewhere is judged before anything is let out of another one. */
function forwardRules(family: FamilyName, bridges: readonly BridgeSettings[], sides: readonly Side[]): string[] {
  return [
    ...bridges.filter(({ internal }) => internal).map(({ name }) => `iifname "${name}" oifname != "${name}" drop`),
    ...sides.flatMap((bridge) => entryRules(family, bridge)),
    ...bridges.map(({ name }) => `oifname "${name}" iifname != "${name}" drop`),
    ...bridges.map(({ name }) => `iifname "${name}" accept`),
  ];
}

function entryRules(family: FamilyName, { name, internal, side, trustedInterfaces }: Side): string[] {
  if (internal) return [];
  const enters = `oifname "${name}" iifname != "${name}"`;
  const open = `${family} daddr . meta l4proto . th dport @open accept`;
  const trusted = trustedInterfaces.map((each) => `"${each}"`).join(', ');
  return [
    `oifname "${name}" ct state established,related accept`,
    `${enters} ct status dnat accept`,
    ...(side.mode === 'nat-unprotected' ? [`${enters} accept`] : []),
    ...(side.mode === 'routed' ? [`${enters} meta l4proto ${icmp[family]} accept`, `${enters} ${open}`] : []),
    ...(trusted === '' ? [] : [`oifname "${name}" iifname { ${trusted} } ${open}`]),
  ];
}

const icmp: Record<FamilyName, string> = { ip: 'icmp', ip6: 'ipv6-icmp' };
