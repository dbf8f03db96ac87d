import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import { requestOf, type OperationName, type OperationRequest, type OperationResponse } from './operations.ts';
import type { MachineStatus, StartEvent, StartPhase, StartRequest } from './status.ts';

/** No daemon serves this home. */
export class DaemonNotRunningError extends Error {
  override readonly name = 'DaemonNotRunningError';
}

/** The daemon answered with an error; the message is its own. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/** The machine did not start; `consoleTail` is what it printed last ('' if nothing). */
export class StartFailedError extends Error {
  override readonly name = 'StartFailedError';
  readonly consoleTail: string;
  constructor(problem: string, consoleTail: string) {
    super(problem);
    this.consoleTail = consoleTail;
  }
}

export interface TerminalSize {
  cols: number;
  rows: number;
}

/** A root shell in the guest. */
export interface ControlShell {
  stream: Duplex;
  resize(size: TerminalSize): Promise<void>;
  /** Resolves when the shell has ended. */
  exitCode(): Promise<number>;
}

interface Call {
  method: string;
  path: string;
  /** JSON. */
  body?: string | null;
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
}

/** Speaks to the daemon of one home over its control socket. Keeps no connection between calls. */
export class ControlClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Any operation of the control API; rejects with {@link ControlError} when the daemon says no. */
  async call<Name extends OperationName>(
    name: Name,
    request: OperationRequest<Name>,
    signal?: AbortSignal,
  ): Promise<OperationResponse<Name>> {
    return (await this.#json({ ...requestOf(name, request), signal })) as OperationResponse<Name>;
  }

  status(signal?: AbortSignal): Promise<MachineStatus> {
    return this.call('status', {}, signal);
  }

  /** A link to the dashboard that opens once, within a minute. */
  async openDashboard(): Promise<string> {
    return ((await this.#json({ method: 'POST', path: '/v1/dashboard' })) as { url: string }).url;
  }

  /** Resolves once the engine answers. Aborting gives the start up, unless someone else waits for it too. */
  async start(
    request: StartRequest,
    options: { signal?: AbortSignal; onPhase?: (phase: StartPhase) => void } = {},
  ): Promise<MachineStatus> {
    const { signal } = options;
    const headers = { Accept: startEvents };
    const body = JSON.stringify(request);
    const answer = await this.#call({ method: 'POST', path: '/v1/start', body, signal, headers });
    for await (const line of createInterface({ input: answer })) {
      const event = JSON.parse(line) as StartEvent;
      if (event.kind === 'progress') options.onPhase?.(event);
      if (event.kind === 'failed') throw new StartFailedError(event.problem, event.consoleTail);
      if (event.kind === 'done') return event.status;
    }
    signal?.throwIfAborted();
    throw new ControlError('the daemon ended before the machine was up');
  }

  /** Ends the machine; resolves when it has ended. */
  async stop(): Promise<void> {
    await this.call('stop', {});
  }

  /** Ends the daemon, which lets go of a machine that runs; resolves when it has promised to. */
  async shutdown(): Promise<void> {
    await this.#json({ method: 'POST', path: '/v1/shutdown' });
  }

  async shell({ cols, rows }: TerminalSize): Promise<ControlShell> {
    const headers = { Connection: 'Upgrade', Upgrade: 'berth-shell' };
    const ask = this.#request({ method: 'POST', path: `/v1/shell?cols=${cols}&rows=${rows}`, headers });
    ask.once('response', (answer) => void readError(answer).then((error) => ask.destroy(error)));
    const [answer, stream, head] = (await settle(ask, 'upgrade')) as [IncomingMessage, Duplex, Buffer];
    if (head.length > 0) stream.unshift(head);
    const path = `/v1/shell/${answer.headers['berth-shell'] as string}`;
    return {
      stream,
      resize: async (size) => {
        await this.#json({ method: 'POST', path: `${path}/resize?cols=${size.cols}&rows=${size.rows}` });
      },
      exitCode: async () => {
        return ((await this.#json({ method: 'GET', path: `${path}/wait` })) as { exitCode: number }).exitCode;
      },
    };
  }

  async #json(call: Call): Promise<unknown> {
    return json(await this.#call(call));
  }

  async #call(call: Call): Promise<IncomingMessage> {
    const [answer] = (await settle(this.#request(call), 'response')) as [IncomingMessage];
    if (answer.statusCode !== 200) throw await readError(answer);
    return answer;
  }

  #request({ method, path, body, signal, headers }: Call): ClientRequest {
    const text = body ?? '';
    const ask = httpRequest({
      socketPath: this.#socketPath,
      method,
      path,
      headers: { Host: 'berth', 'Content-Length': Buffer.byteLength(text), ...headers, ...(text !== '' && jsonType) },
      agent: false,
      ...(signal && { signal }),
    });
    // Whoever waits for its answer sees the error; it may break once more after that.
    ask.on('error', () => undefined);
    return ask.end(text);
  }
}

/** How a socket without a daemon answers, or one whose daemon just ends. */
const gone = new Set<string | undefined>(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);
/** What a start is answered with to those who ask for it: {@link StartEvent}s, a line each. */
const startEvents = 'application/x-ndjson';
const jsonType = { 'Content-Type': 'application/json' };

async function settle(ask: ClientRequest, event: 'response' | 'upgrade'): Promise<unknown[]> {
  try {
    return await once(ask, event);
  } catch (error) {
    if (!gone.has((error as NodeJS.ErrnoException).code)) throw error;
    throw new DaemonNotRunningError('the daemon is not running', { cause: error });
  }
}

async function readError(answer: IncomingMessage): Promise<Error> {
  const body = (await json(answer).catch(() => null)) as { message?: string } | null;
  return new ControlError(body?.message ?? `the daemon answered ${answer.statusCode}`);
}
