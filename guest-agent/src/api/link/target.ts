/** Where a stream over the link ends in the guest; the same shape as the daemon's DialTarget. */
export type LinkTarget = { kind: 'engine' } | { kind: 'guest' } | { kind: 'tcp' | 'udp'; host: string; port: number };

const statuses = ['ok', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECLOSED'] as const;

/** 'ok', or why the guest could not reach the target. */
export type LinkStatus = (typeof statuses)[number];

export function parseStatus(text: string): LinkStatus {
  return statuses.find((status) => status === text) ?? 'ECLOSED';
}

/** What the agent's configuration says about the link, whose one pipe carries every stream to the host. */
export type LinkConfig =
  /** A relay of the guest's connects to this unix socket of the agent's. */
  | { kind: 'relay'; socket: string }
  /** A virtio-serial port of this name is the pipe. */
  | { kind: 'port'; name: string };
