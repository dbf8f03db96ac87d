/**
 * How a stream over the link begins. Both sides prove that they know the machine's secret before anything else is
 * sent, so that a TCP port which anybody on the host can reach is of use to the daemon only. Three lines, then bytes:
 *
 *   guest: berth-link 1 GUEST-NONCE
 *   host:  HOST-NONCE PROOF TARGET      TARGET is JSON, see {@link LinkTarget}
 *   guest: PROOF STATUS                 STATUS is ok or why the target cannot be had
 *
 * The proofs are HMACs over both nonces and the rest of the line. The bytes that follow are neither encrypted nor
 * authenticated: on a loopback connection only root can read or alter them.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Where a stream goes; the same shape as the daemon's DialTarget. */
export type LinkTarget = { kind: 'engine' } | { kind: 'guest' } | { kind: 'tcp'; host: string; port: number };

/** 'ok', or why the guest could not reach the target. */
export type LinkStatus = 'ok' | 'ECONNREFUSED' | 'ETIMEDOUT' | 'EHOSTUNREACH' | 'ECLOSED';

/** What the agent's configuration says about the link. */
export interface LinkConfig {
  kind: 'tcp';
  /** Where the agent listens, as seen from inside the guest. */
  host: string;
  port: number;
  /** Known to daemon and agent only; hexadecimal. */
  secret: string;
}

/** Longer lines are no handshake. */
export const maxLinkLineBytes = 1024;

/** What one handshake is about: the nonces of both sides. */
export interface LinkNonces {
  guest: string;
  host: string;
}

const greeting = 'berth-link 1 ';
const statuses: readonly string[] = ['ok', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECLOSED'];

export function newNonce(): string {
  return randomBytes(16).toString('hex');
}

export function formatHello(guestNonce: string): string {
  return `${greeting}${guestNonce}\n`;
}

/** The guest's nonce; null if the line is something else. */
export function parseHello(line: string): string | null {
  return line.startsWith(greeting) ? line.slice(greeting.length) : null;
}

export function formatRequest(secret: string, nonces: LinkNonces, target: LinkTarget): string {
  const text = JSON.stringify(target);
  return `${nonces.host} ${proof(secret, 'host', [nonces.guest, nonces.host, text])} ${text}\n`;
}

/** The host's nonce and target; null unless the host has proved that it knows the secret. */
export function parseRequest(
  secret: string,
  guestNonce: string,
  line: string,
): { hostNonce: string; target: LinkTarget } | null {
  const [hostNonce = '', given = '', ...rest] = line.split(' ');
  const text = rest.join(' ');
  if (!isSame(given, proof(secret, 'host', [guestNonce, hostNonce, text]))) return null;
  return { hostNonce, target: JSON.parse(text) as LinkTarget };
}

export function formatAnswer(secret: string, nonces: LinkNonces, status: LinkStatus): string {
  return `${proof(secret, 'guest', [nonces.guest, nonces.host, status])} ${status}\n`;
}

/** null unless the guest has proved that it knows the secret. */
export function parseAnswer(secret: string, nonces: LinkNonces, line: string): LinkStatus | null {
  const [given = '', status = ''] = line.split(' ');
  if (!isSame(given, proof(secret, 'guest', [nonces.guest, nonces.host, status]))) return null;
  return statuses.includes(status) ? (status as LinkStatus) : null;
}

/** The role keeps one side's proof from being sent back to it as the other's. */
function proof(secret: string, role: 'host' | 'guest', parts: readonly string[]): string {
  return createHmac('sha256', Buffer.from(secret, 'hex'))
    .update([role, ...parts].join('\n'))
    .digest('hex');
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
