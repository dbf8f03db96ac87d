import type { Agent } from 'node:http';

/** Where requests go. null: the machine does not run, and `reason` says why and what to do. */
export type AgentTarget = { agent: Agent } | { agent: null; reason: string };

/** A request line or a header field of the agent may be as long as dockerd's (Go: 1 MiB). */
export const maxHeaderBytes = 1024 * 1024;
