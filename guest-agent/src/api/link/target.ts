/** Where a stream over the link ends in the guest; the same shape as the daemon's DialTarget. */
export type LinkTarget = { kind: 'engine' } | { kind: 'guest' } | { kind: 'tcp' | 'udp'; host: string; port: number };

const statuses = ['ok', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECLOSED'] as const;

/** 'ok', or why the guest could not reach the target. */
export type LinkStatus = (typeof statuses)[number];

export function parseStatus(text: string): LinkStatus {
  return statuses.find((status) => status === text) ?? 'ECLOSED';
}

/** What the agent's configuration says about the link. */
export interface LinkConfig {
  kind: 'relay';
  /** Unix socket on which the agent waits for the guest's relay, which carries every stream to the host. */
  socket: string;
}
