import { type Finding, ok, skipped, warning } from '../finding.ts';

export interface ForwardingFact {
  /** Containers run on this host itself, so that its packet filter sees their packets. */
  matters: boolean;
  /** Chains that drop forwarded packets unless a rule accepts them, e.g. 'ip filter FORWARD'; null: not known. */
  droppingChains: readonly string[] | null;
}

export function checkForwarding({ matters, droppingChains }: ForwardingFact): Finding {
  if (!matters) return skipped('containers run in a VM');
  if (droppingChains === null) return skipped("the host's packet filter could not be read (`nft -j list chains`)");
  if (droppingChains.length === 0) return ok('forwarded packets are let through');
  const fixes = droppingChains.map((chain) => `nft chain ${chain} '{ policy accept; }'`);
  return warning(
    `forwarded packets are dropped by default in ${droppingChains.join(', ')}: containers may reach nothing outside`,
    `accept the containers' bridges there, or: ${fixes.join(' && ')}`,
  );
}
