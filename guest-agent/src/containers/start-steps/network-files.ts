import { resolverAddress } from '../../networks/dns/redirect.ts';
import { nameservers, resolvConfLines } from '../../networks/machine-resolvers.ts';

const standardHosts = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

/** /etc/hosts as Docker writes it. `extraHosts`: 'name:address'. */
export function hostsFile(options: {
  hostname: string;
  domainname: string;
  addresses: string[];
  extraHosts: string[];
  /** Lines of linked containers. */
  links: string[];
}): string {
  const names =
    options.domainname === '' ? options.hostname : `${options.hostname}.${options.domainname} ${options.hostname}`;
  return [
    ...standardHosts,
    ...extraHostLines(options.extraHosts),
    ...options.links,
    ...options.addresses.map((address) => `${address}\t${names}`),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

export function extraHostLines(entries: readonly string[]): string[] {
  return entries.map((entry) => {
    const at = entry.indexOf(':');
    return `${entry.slice(at + 1)}\t${entry.slice(0, at)}`;
  });
}

/** Where the machine's own resolvers cannot be reached from a container, dockerd takes Google's. */
const publicServers = ['8.8.8.8', '8.8.4.4'];

export interface ResolverChoices {
  /** The container shares the machine's network: loopback resolvers reach it, too. */
  isHost: boolean;
  /** The engine answers at 127.0.0.11, and asks the others itself. */
  hasResolver: boolean;
  dns: readonly string[];
  options: readonly string[];
  search: readonly string[];
}

/** resolv.conf(5) for a container: the machine's, without resolvers that only the machine itself can reach. */
export function resolvConf(machine: string, choices: ResolverChoices): string {
  const lines = resolvConfLines(machine);
  const values = (key: string) => lines.filter(([first]) => first === key).map((words) => words.slice(1));
  const own = nameservers(machine);
  const reachable = own.filter((address) => !address.startsWith('127.') && address !== '::1');
  const machines = choices.isHost ? own : reachable.length > 0 ? reachable : publicServers;
  const outside = choices.dns.length > 0 ? choices.dns : machines;
  const servers = choices.hasResolver ? [resolverAddress] : outside;
  const search =
    choices.search.length > 0 ? choices.search.filter((domain) => domain !== '.') : (values('search').at(-1) ?? []);
  const given = choices.options.length > 0 ? choices.options : values('options').flat();
  // Bare names are names of containers.
  const hasDots = given.some((option) => option.startsWith('ndots:'));
  const options = choices.hasResolver && !hasDots ? [...given, 'ndots:0'] : given;
  return [
    ...servers.map((server) => `nameserver ${server}`),
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}
