import type { PortRequest, PublishedPort } from '@berth/guest-agent/api';
import {
  allAllocatedText,
  allocatedText,
  bindAddresses,
  bindFailedText,
  ephemeralPorts,
  mayBeMissing,
} from './forward-rule.ts';
import type { PortListener } from './listener.ts';
import { PortInUseError } from './port-errors.ts';

/** A request with the listeners that serve it. */
export interface BoundPort extends AsyncDisposable {
  published: Omit<PublishedPort, 'direct'>;
}

export interface BindOptions {
  listen: (address: string, port: number) => Promise<PortListener>;
  /** What this engine has published already. */
  taken: readonly Omit<PublishedPort, 'direct'>[];
  /** Where the search for a port that nobody chose goes on; it is moved. */
  ephemeral: EphemeralCursor;
}

/** Ephemeral ports go on from where the last one was, so that a number is not used again at once. */
export type EphemeralCursor = Record<PortRequest['protocol'], number>;

export function ephemeralCursor(): EphemeralCursor {
  return { tcp: ephemeralPorts.first, udp: ephemeralPorts.first };
}

/** Binds the first port of the range that is free on all addresses; rejects with {@link PortInUseError}. */
export async function bindPort(request: PortRequest, options: BindOptions): Promise<BoundPort> {
  let problem = new PortInUseError(allAllocatedText);
  for (const port of candidates(request, options.ephemeral)) {
    const conflict = bindAddresses(request).find((address) => isTaken(options.taken, { ...request, address, port }));
    if (conflict !== undefined) {
      if (isFixed(request)) throw new PortInUseError(allocatedText(conflict, port));
      continue;
    }
    const outcome = await bindAll(request, port, options.listen);
    if (!(outcome instanceof PortInUseError)) return outcome;
    problem = outcome;
  }
  throw problem;
}

async function bindAll(
  request: PortRequest,
  port: number,
  listen: BindOptions['listen'],
): Promise<BoundPort | PortInUseError> {
  await using undo = new AsyncDisposableStack();
  const hostIps: string[] = [];
  for (const address of bindAddresses(request)) {
    try {
      undo.use(await listen(address, port));
      hostIps.push(address);
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
      const missing = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
      if (missing && mayBeMissing(request, address)) continue;
      return new PortInUseError(bindFailedText(request, { address, port, code }), { cause });
    }
  }
  const listeners = undo.move();
  const published = { ...request, hostPort: port, hostIps };
  return { published, [Symbol.asyncDispose]: () => listeners.disposeAsync() };
}

function isFixed(request: PortRequest): boolean {
  return request.hostPortFirst !== 0 && request.hostPortFirst === request.hostPortLast;
}

function isTaken(taken: BindOptions['taken'], wanted: { protocol: string; address: string; port: number }): boolean {
  return taken.some(
    (other) =>
      other.protocol === wanted.protocol && other.hostPort === wanted.port && other.hostIps.includes(wanted.address),
  );
}

function* candidates(request: PortRequest, cursor: EphemeralCursor): Generator<number> {
  const { protocol, hostPortFirst, hostPortLast } = request;
  if (hostPortFirst !== 0) {
    for (let port = hostPortFirst; port <= hostPortLast; port++) yield port;
    return;
  }
  const { first, last } = ephemeralPorts;
  for (let tried = first; tried <= last; tried++) {
    const port = cursor[protocol];
    cursor[protocol] = port === last ? first : port + 1;
    yield port;
  }
}
