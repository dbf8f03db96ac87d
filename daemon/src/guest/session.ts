import type { Duplex } from 'node:stream';
import { sessionPath, sessionUpgrade } from '@berth/guest-agent/api';
import type { GuestServices, HostServices, RpcFailure } from '@berth/guest-agent/api';
import {
  createMessageConnection,
  ErrorCodes,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { NotSharedError } from '../files/host-files.ts';
import { PortInUseError } from '../ports/port-errors.ts';
import { upgradeStream } from './upgrade.ts';

/** One session with the agent, from the daemon's side. */
export interface GuestSession extends Disposable {
  /** Calls reject with {@link SessionLostError} when the session ends before the answer. */
  guest: GuestServices;
  /** Settles when the stream has ended, from whichever side. */
  closed: Promise<void>;
}

/** The agent ended or was replaced while something was asked of it. */
export class SessionLostError extends Error {
  override readonly name = 'SessionLostError';
}

const methods = [
  'guest.info',
  'ports.list',
  'clock.set',
  'files.changed',
  'guest.shutdownTimeout',
  'guest.shutdown',
] as const;

/** Upgrades `stream` (a dial to the agent's guest API), which then belongs to the session. */
export async function openSession(stream: Duplex, services: HostServices, signal: AbortSignal): Promise<GuestSession> {
  const switched = await upgradeStream(stream, { path: sessionPath, protocol: sessionUpgrade, signal });
  const connection = createMessageConnection(new StreamMessageReader(switched), new StreamMessageWriter(switched));
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  switched.once('close', resolve);
  switched.once('end', () => switched.end());
  connection.onError(() => switched.destroy());
  for (const [method, serve] of Object.entries(services) as [string, (params: unknown) => Promise<unknown>][]) {
    connection.onRequest(method, (params: unknown) => serve(params).catch(asFailure));
  }
  connection.listen();
  const lost = closed.then(() => {
    // Later, so that questions that are open get this error and not the library's.
    setImmediate(() => connection.dispose());
    throw new SessionLostError('the guest agent went away');
  });
  lost.catch(() => undefined);
  const call = (method: string) => (params: object) => Promise.race([connection.sendRequest(method, params), lost]);
  const guest = Object.fromEntries(methods.map((method) => [method, call(method)])) as unknown as GuestServices;
  return { guest, closed, [Symbol.dispose]: () => void switched.destroy() };
}

function asFailure(error: Error): never {
  throw new ResponseError<RpcFailure>(ErrorCodes.InternalError, error.message, { kind: kindOf(error) });
}

function kindOf(error: Error): RpcFailure['kind'] {
  if (error instanceof PortInUseError) return 'port-in-use';
  return error instanceof NotSharedError ? 'invalid' : 'failed';
}
