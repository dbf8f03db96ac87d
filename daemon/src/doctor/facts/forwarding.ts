import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ForwardingFact } from '../checks/forwarding.ts';
import type { DoctorHost } from '../host.ts';

const run = promisify(execFile);

/** `nft -j list chains`; what is not a chain has no `chain`. */
interface NftListing {
  nftables: { chain?: { family: string; table: string; name: string; hook?: string; policy?: string } }[];
}

export async function forwardingFact({ driver }: DoctorHost): Promise<ForwardingFact> {
  if (driver.image !== null) return { matters: false, droppingChains: null };
  try {
    const { stdout } = await run('nft', ['-j', 'list', 'chains']);
    return { matters: true, droppingChains: droppingChains(JSON.parse(stdout) as NftListing) };
  } catch {
    return { matters: true, droppingChains: null };
  }
}

export function droppingChains({ nftables }: NftListing): string[] {
  return nftables
    .flatMap(({ chain }) => chain ?? [])
    .filter(({ hook, policy }) => hook === 'forward' && policy === 'drop')
    .map(({ family, table, name }) => `${family} ${table} ${name}`);
}
