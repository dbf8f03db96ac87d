import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { getSystemErrorMap } from 'node:util';
import { SystemError } from '../../../api/index.ts';
import { addressText, type Endpoint, type StreamEndpoint } from './endpoint.ts';

/** Connects; errors read as Go's net package words them. `timeoutMs`: how long it may take. */
export async function dialStream(
  endpoint: StreamEndpoint,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Socket> {
  signal.throwIfAborted();
  const socket = startConnecting(endpoint);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new SystemError(`dial ${dialed(endpoint)}: i/o timeout`)), timeoutMs);
  const abort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', abort);
  socket.once(endpoint.network === 'tls' ? 'secureConnect' : 'connect', resolve);
  socket.once('error', (error) => reject(dialError(endpoint, error)));
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function startConnecting(endpoint: StreamEndpoint): Socket {
  if (endpoint.network === 'unix') return connectTcp({ path: endpoint.path });
  const { host, port } = endpoint;
  if (endpoint.network === 'tcp') return connectTcp({ host, port });
  const { ca, cert, key, verify } = endpoint.tls;
  const own = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return connectTls({ host, port, ...own, rejectUnauthorized: verify, servername: serverName(host) });
}

/** TLS knows no server names that are addresses. */
const serverName = (host: string): string => (/^[\d.]+$|:/.test(host) ? '' : host);

const dialed = (endpoint: Endpoint): string =>
  `${endpoint.network === 'tls' ? 'tcp' : endpoint.network} ${addressText(endpoint)}`;

export function dialError(endpoint: Endpoint, error: unknown): SystemError {
  const { code, errno, message } = firstError(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const [network, host] = [dialed(endpoint).split(' ')[0], 'host' in endpoint ? endpoint.host : ''];
    return new SystemError(`dial ${network}: lookup ${host}: no such host`, { cause: error });
  }
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  // What TLS has to say comes without a number.
  if (words === undefined) return new SystemError(`tls: ${message}`, { cause: error });
  return new SystemError(`dial ${dialed(endpoint)}: connect: ${words}`, { cause: error });
}

/** A name with several addresses fails with all their errors; dockerd shows one. */
function firstError(error: unknown): NodeJS.ErrnoException {
  return (error instanceof AggregateError ? error.errors[0] : error) as NodeJS.ErrnoException;
}
