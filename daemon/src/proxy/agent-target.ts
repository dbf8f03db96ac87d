import type { Agent } from 'node:http';
import type { Duplex } from 'node:stream';

/** Opens a stream of its own to the agent. */
export interface Dialler {
  dial: () => Promise<Duplex>;
}

/** Where requests go. null: the machine does not run, and `reason` says why and what to do. */
export type AgentTarget = { agent: Agent & Dialler } | { agent: null; reason: string };

/** A request line or a header field of the agent may be as long as dockerd's (Go: 1 MiB). */
export const maxHeaderBytes = 1024 * 1024;
