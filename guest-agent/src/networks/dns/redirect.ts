import { runScript, useRealTools } from '../ip-tool.ts';

/** Where images expect Docker's resolver (their configurations name it). */
export const resolverAddress = '127.0.0.11';

/**
 * Sends what a container asks its resolver to the agent, on the bridge's own address: rewritten inside the container's
 * namespace, so that no process has to run there. Loopback addresses may leave by an interface only with route_localnet.
 */
export async function redirectResolver(path: string, target: { address: string; port: number } | null): Promise<void> {
  const table = `
table ip berth_dns {}
delete table ip berth_dns
`;
  const rules =
    target === null
      ? table
      : `${table}
table ip berth_dns {
  chain output { type nat hook output priority -100; policy accept;
    ip daddr ${resolverAddress} udp dport 53 dnat to ${target.address}:${target.port}
    ip daddr ${resolverAddress} tcp dport 53 dnat to ${target.address}:${target.port}
  }
  chain postrouting { type nat hook postrouting priority 100; policy accept;
    ip saddr 127.0.0.0/8 ip daddr ${target.address} masquerade
  }
}
`;
  await runScript(`
nsenter --net=${path} sh -e <<'INSIDE'
${useRealTools}echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
nft -f - <<'RULES'
${rules}
RULES
INSIDE
`);
}
