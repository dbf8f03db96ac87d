import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { LinkStatus } from '../api/link/target.ts';

type Refusal = Exclude<LinkStatus, 'ok'>;

const connectTimeoutMs = 10_000;

const statusOfCode: Readonly<Record<string, Refusal>> = {
  ECONNREFUSED: 'ECONNREFUSED',
  ETIMEDOUT: 'ETIMEDOUT',
  EHOSTUNREACH: 'EHOSTUNREACH',
  ENETUNREACH: 'EHOSTUNREACH',
  ENOTFOUND: 'EHOSTUNREACH',
};

/** Connects to a TCP address inside the guest; a status where that fails. */
export async function connectTarget(address: { host: string; port: number }): Promise<Socket | Refusal> {
  if (!Number.isInteger(address.port) || address.port < 1 || address.port > 65_535) return 'ECONNREFUSED';
  const socket = connect({ ...address, allowHalfOpen: true, noDelay: true });
  const timeout = AbortSignal.timeout(connectTimeoutMs);
  try {
    await once(socket, 'connect', { signal: timeout });
    return socket;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    if (timeout.aborted) return 'ETIMEDOUT';
    return statusOfCode[(error as NodeJS.ErrnoException).code ?? ''] ?? 'ECLOSED';
  }
}
