import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { DialError } from './driver.ts';

/** A far end that does not answer at all is given up after this long. */
const connectTimeoutMs = 10_000;

/** Connects with half-close kept; rejects with {@link DialError}, also when `signal` aborts. */
export async function connectStream(target: NetConnectOpts, signal?: AbortSignal): Promise<Socket> {
  const timeout = AbortSignal.timeout(connectTimeoutMs);
  const socket = connect({ ...target, allowHalfOpen: true });
  try {
    await once(socket, 'connect', { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    if ('port' in target) socket.setNoDelay(true);
    return socket;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw asDialError(error, timeout.aborted);
  }
}

const codes: Readonly<Record<string, DialError['code']>> = {
  ECONNREFUSED: 'ECONNREFUSED',
  ENOENT: 'ECONNREFUSED',
  ETIMEDOUT: 'ETIMEDOUT',
  EHOSTUNREACH: 'EHOSTUNREACH',
  ENETUNREACH: 'EHOSTUNREACH',
};

function asDialError(error: unknown, timedOut: boolean): DialError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (timedOut) return new DialError('ETIMEDOUT', `no answer within ${connectTimeoutMs / 1000} s`, { cause: error });
  return new DialError(codes[code ?? ''] ?? 'ECLOSED', message, { cause: error });
}
