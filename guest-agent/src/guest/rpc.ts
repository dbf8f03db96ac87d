import type { Duplex } from 'node:stream';
import {
  createMessageConnection,
  ErrorCodes,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { InvalidParameterError, SystemError, UnavailableError } from '../api/errors.ts';
import type { GuestServices, HostServices, RpcFailure } from '../api/guest/protocol.ts';

/** One session with the daemon, from the agent's side. */
export interface Session extends Disposable {
  host: HostServices;
  /** Settles when the stream has ended, from whichever side. */
  closed: Promise<void>;
}

/** Speaks the host ↔ guest protocol on `stream`, which then belongs to the session. */
export function openSession(stream: Duplex, services: GuestServices): Session {
  const connection = createMessageConnection(new StreamMessageReader(stream), new StreamMessageWriter(stream));
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  stream.once('close', resolve);
  stream.once('end', () => stream.end());
  connection.onError(() => stream.destroy());
  for (const [method, serve] of Object.entries(services) as [string, (params: unknown) => Promise<unknown>][]) {
    connection.onRequest(method, (params: unknown) => serve(params).catch(asFailure));
  }
  connection.listen();
  return { host: hostServices(connection, closed), closed, [Symbol.dispose]: () => void stream.destroy() };
}

function hostServices(connection: MessageConnection, closed: Promise<void>): HostServices {
  const lost = closed.then(() => {
    // Later, so that questions that are open get this error and not the library's.
    setImmediate(() => connection.dispose());
    throw new UnavailableError('the host daemon went away');
  });
  lost.catch(() => undefined);
  const call = (method: string) => (params: object) =>
    Promise.race([connection.sendRequest(method, params).catch(fromFailure), lost]) as Promise<never>;
  return {
    'ports.publish': call('ports.publish'),
    'ports.release': call('ports.release'),
    'files.locate': call('files.locate'),
    'files.serve': call('files.serve'),
  };
}

function asFailure(error: Error): never {
  const kind: RpcFailure['kind'] = error instanceof InvalidParameterError ? 'invalid' : 'failed';
  throw new ResponseError<RpcFailure>(ErrorCodes.InternalError, error.message, { kind });
}

function fromFailure(error: Error): never {
  const kind = error instanceof ResponseError ? (error.data as RpcFailure | undefined)?.kind : undefined;
  // The daemon always says the kind: what has none comes from the stream.
  if (kind === undefined) throw new UnavailableError('the host daemon went away', { cause: error });
  if (kind === 'invalid') throw new InvalidParameterError(error.message, { cause: error });
  // dockerd answers 500 for a port that cannot be had.
  throw new SystemError(error.message, { cause: error });
}
