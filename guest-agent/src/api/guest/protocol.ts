/**
 * What the daemon (host) and the agent (guest) ask of each other, as JSON-RPC 2.0 over one long-lived stream:
 * `GET /guest/session` with `Upgrade: berth-rpc` on the agent's guest socket. One session at a time: a newer one
 * replaces the older, whose stream is closed.
 *
 * Method names are the keys; every method takes one object and answers one object.
 */

/** One host port asked for a container (HostConfig.PortBindings, one entry per binding). */
export interface PortRequest {
  protocol: 'tcp' | 'udp';
  /** Address on the host; '' means every address, IPv4 and IPv6 with the same number. */
  hostIp: string;
  /** First and last acceptable host port, inclusive; 0 and 0 mean any free port. */
  hostPortFirst: number;
  hostPortLast: number;
  /** Where the bytes go, as seen from inside the guest. */
  targetIp: string;
  /** Where they go from clients that came by IPv6; '' for the same address. */
  targetIpv6: string;
  targetPort: number;
}

/** A bound request. `hostIps` lists what really is bound, e.g. ['0.0.0.0', '::']. */
export interface PublishedPort extends PortRequest {
  hostPort: number;
  hostIps: string[];
  /** The host is the machine that the agent runs on: its packet filter may carry the bytes instead of the host. */
  direct: boolean;
}

/** Everything one container has published. */
export interface Publication {
  containerId: string;
  ports: PublishedPort[];
}

/** Where a bind source is among the folders that the host shares. */
export interface SharedSource {
  share: string;
  /** Below the share's folder, with slashes; '' for the folder itself. */
  path: string;
  exists: boolean;
}

/** What somebody else than the guest did in a folder of a share that the guest has looked at. */
export interface FileChange {
  /** Below the share's folder, with slashes. */
  path: string;
  /** What it is now; null: it is not there any more. */
  is: 'file' | 'folder' | 'link' | null;
  /** Whether it was made, removed or renamed; otherwise only what it is like has changed. */
  isName: boolean;
  /** Of the file, as SFTP tells it; '' for what is gone. */
  inode: string;
  /** All names that a folder holds, where more happened in it than is told one by one. */
  holds?: string[];
}

export interface GuestInfo {
  agentVersion: string;
  kernelVersion: string;
  /** Milliseconds since boot at which the engine answered first. */
  readyUptimeMs: number;
}

/** Asked by the agent, answered by the daemon. */
export interface HostServices {
  /**
   * Binds all ports or none, before it answers; idempotent per container (the last call wins).
   * Fails with a {@link RpcFailure} of kind 'port-in-use' carrying Docker's text.
   */
  'ports.publish': (params: { containerId: string; ports: PortRequest[] }) => Promise<{ ports: PublishedPort[] }>;
  /** Frees every port of the container; nothing happens for one that has none. */
  'ports.release': (params: { containerId: string }) => Promise<Record<string, never>>;
  /**
   * Where a bind source of the host's is; `create` makes it where it is missing. `found` is null for one outside of all
   * shares, and `refusal` then says in one line how to share it.
   */
  'files.locate': (params: { source: string; create: boolean }) => Promise<{
    found: SharedSource | null;
    refusal: string;
  }>;
  /**
   * Opens a stream to the agent (`GET /guest/files/{stream}`, upgrade 'berth-sftp') and serves the share on it by SFTP
   * version 3. Fails with kind 'invalid' for a folder that is not shared any more.
   */
  'files.serve': (params: { share: string; stream: string }) => Promise<Record<string, never>>;
}

/** Asked by the daemon, answered by the agent. */
export interface GuestServices {
  'guest.info': (params: Record<string, never>) => Promise<GuestInfo>;
  /** Called once after (re)connecting, to bind again what containers of a machine that ran on still publish. */
  'ports.list': (params: Record<string, never>) => Promise<{ publications: Publication[] }>;
  /** The host's wall clock; the guest steps its own when it is more than 50 ms off. */
  'clock.set': (params: { epochMs: number }) => Promise<{ steppedByMs: number }>;
  /** Tells those who watch in the guest what happened in a share; answers when they have been told. */
  'files.changed': (params: { share: string; changes: FileChange[] }) => Promise<Record<string, never>>;
  /** How long a shutdown may take: daemon.json's shutdown-timeout, or longer for containers that take longer; null: any time. */
  'guest.shutdownTimeout': (params: Record<string, never>) => Promise<{ timeoutMs: number | null }>;
  /** Stops all containers (each with its own stop timeout, at most `timeoutMs`), syncs and powers the guest off. */
  'guest.shutdown': (params: { timeoutMs: number | null }) => Promise<Record<string, never>>;
}

export const sessionPath = '/guest/session';
export const sessionUpgrade = 'berth-rpc';
export const filesPath = '/guest/files/';
export const filesUpgrade = 'berth-sftp';

/** JSON-RPC error `data`, from which each side rebuilds its own error class. */
export interface RpcFailure {
  kind: 'port-in-use' | 'invalid' | 'failed';
}
