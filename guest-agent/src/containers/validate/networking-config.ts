import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { EndpointSettings, NetworkingConfig } from '../../api/engine/endpoint.ts';
import { InvalidParameterError } from '../../api/index.ts';
import { contains, parseSubnet } from '../../networks/cidr.ts';
import { problemList } from '../../networks/problem-list.ts';

/** Driver option with `net.X.Y.IFNAME.Z=V,…`: settings of one endpoint's interface. */
export const endpointSysctls = 'com.docker.network.endpoint.sysctls';

/** Driver option: name of one endpoint's interface. */
export const endpointInterface = 'com.docker.network.endpoint.ifname';

/** Subnets of a network; undefined when there is no such network yet. */
export type SubnetsOf = (network: string) => readonly string[] | undefined;

/** Refuses endpoint settings with dockerd's texts. */
export function validateNetworkingConfig(config: NetworkingConfig, subnetsOf: SubnetsOf): void {
  const problems = Object.entries(config.EndpointsConfig ?? {}).flatMap(([name, endpoint]) => {
    if (!endpoint) return [`invalid config for network ${name}: EndpointsConfig is nil`];
    const problem = endpointProblem(name, endpoint, subnetsOf(name));
    return problem === null ? [] : [`invalid config for network ${name}: ${problem}`];
  });
  if (problems.length > 0) throw new InvalidParameterError(problemList(problems));
}

const predefined: readonly string[] = ['bridge', 'host', 'none', 'default'];
const isMac = (text: string): boolean => /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}$/i.test(text);

/** What is wrong with a container's wishes for a network, in dockerd's words; null: nothing. */
export function endpointProblem(
  network: string,
  endpoint: EndpointSettings,
  subnets: readonly string[] | undefined,
): string | null {
  const problems = [
    ...predefinedProblems(network, endpoint),
    ...addressProblems(endpoint),
    ...rangeProblems(endpoint, subnets),
  ];
  if (endpoint.MacAddress !== '' && !isMac(endpoint.MacAddress)) return `invalid MAC address ${endpoint.MacAddress}`;
  problems.push(...sysctlProblems(endpoint));
  return problems.length === 0 ? null : `invalid endpoint settings:\n${problemList(problems)}`;
}

function predefinedProblems(network: string, { IPAMConfig, Aliases }: EndpointSettings): string[] {
  if (!predefined.includes(network)) return [];
  const isStatic = Boolean(IPAMConfig && (IPAMConfig.IPv4Address || IPAMConfig.IPv6Address));
  return [
    ...(isStatic ? ['user specified IP address is supported on user defined networks only'] : []),
    ...(Aliases?.length ? ['network-scoped alias is supported only for containers in user defined networks'] : []),
  ];
}

function addressProblems({ IPAMConfig: ipam }: EndpointSettings): string[] {
  if (!ipam) return [];
  const { IPv4Address: v4, IPv6Address: v6 } = ipam;
  const wrongLinkLocal = (ipam.LinkLocalIPs ?? []).filter((address) => isIP(address) === 0);
  return [
    ...(v4 !== '' && (!isIPv4(v4) || v4 === '0.0.0.0') ? [`invalid IPv4 address: ${v4}`] : []),
    ...(v6 !== '' && (!isIPv6(v6) || v6 === '::') ? [`invalid IPv6 address: ${v6}`] : []),
    ...wrongLinkLocal.map((address) => `invalid link-local IP address: ${address}`),
  ];
}

function rangeProblems({ IPAMConfig: ipam }: EndpointSettings, subnets: readonly string[] | undefined): string[] {
  if (!subnets || !ipam) return [];
  const isWithin = (family: 4 | 6, address: string) =>
    subnets.map(parseSubnet).some((subnet) => subnet.family === family && contains(subnet, address));
  return ([4, 6] as const)
    .map((family) => ({ family, address: family === 4 ? ipam.IPv4Address : ipam.IPv6Address }))
    .filter(({ family, address }) => address !== '' && !isWithin(family, address))
    .map(({ address }) => `no configured subnet or ip-range contain the IP address ${address}`);
}

function sysctlProblems({ DriverOpts }: EndpointSettings): string[] {
  const given = DriverOpts?.[endpointSysctls];
  if (given === undefined) return [];
  return given.split(',').flatMap((sysctl) => {
    const [, family = '', , interfaceName = '', rest] = sysctl.split('.');
    const isKnown = ['ipv4', 'ipv6', 'mpls'].includes(family) && /^(?:IFNAME|ifname)$/.test(interfaceName);
    if (rest !== undefined && isKnown) return [];
    return [
      `unrecognised network interface sysctl '${sysctl}'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'`,
    ];
  });
}
