import { nameservers, resolvConfLines, type MachineResolvConf } from '../../networks/machine-resolvers.ts';
import type { ResolverChoices } from './network-files.ts';

/** What a container's resolv.conf was made of, in the comments that dockerd ends it with. */
export function resolvConfNotes({ file, text }: MachineResolvConf, choices: ResolverChoices): string {
  const { isHost, hasResolver, dns, search, options } = choices;
  const kind = isHost ? '' : hasResolver ? ' (internal resolver)' : ' (legacy)';
  const asked = dns.length > 0 ? dns : nameservers(text).map((address) => `host(${address})`);
  const overrides = Object.entries({ nameservers: dns, search, options }).filter(([, given]) => given.length > 0);
  const ndots = ndotsFrom(text, choices);
  return [
    `# Based on host file: '${file}'${kind}`,
    ...(hasResolver ? [`# ExtServers: [${asked.join(' ')}]`] : []),
    `# Overrides: [${overrides.map(([name]) => name).join(' ')}]`,
    ...(ndots === null ? [] : [`# Option ndots from: ${ndots}`]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function ndotsFrom(text: string, { hasResolver, options }: ResolverChoices): string | null {
  const hasNdots = (given: readonly string[]) => given.some((option) => option.startsWith('ndots:'));
  if (hasNdots(options)) return 'override';
  const own = resolvConfLines(text).filter(([key]) => key === 'options');
  if (options.length === 0 && hasNdots(own.flat())) return 'host';
  return hasResolver ? 'internal' : null;
}
