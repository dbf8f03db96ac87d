import { runScript, useRealTools } from '../ip-tool.ts';

/** Where images expect Docker's resolver (their configurations name it). */
export const resolverAddress = '127.0.0.11';

/** Where the agent really listens for a container's questions. */
export interface ResolverTarget {
  address: string;
  port: number;
}

export interface Redirection {
  target: ResolverTarget;
  /** All that goes to any resolver; false: to 127.0.0.11. */
  isAll: boolean;
}

/**
 * Shell lines that send what a container asks its resolver to the agent: rewritten inside the container's namespace, so
 * that no process has to run there. Loopback addresses may leave by an interface only with route_localnet.
 */
export function redirectLines({ target: { address, port }, isAll }: Redirection): string {
  const target = `${address}:${port}`;
  const asked = isAll ? '' : `ip daddr ${resolverAddress} `;
  return `echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
nft -f - <<'RULES'
table ip berth_dns {}
delete table ip berth_dns
table ip berth_dns {
  chain output { type nat hook output priority -100; policy accept;
    ${asked}udp dport 53 dnat to ${target}
    ${asked}tcp dport 53 dnat to ${target}
  }
  chain postrouting { type nat hook postrouting priority 100; policy accept;
    oifname != "lo" ip saddr 127.0.0.0/8 ip daddr ${address} masquerade
  }
}
RULES`;
}

/** For a namespace that exists. */
export async function redirectResolver(path: string, target: ResolverTarget): Promise<void> {
  await runScript(`
nsenter --net=${path} sh -e <<'INSIDE'
${useRealTools}${redirectLines({ target, isAll: false })}
INSIDE
`);
}
