import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { AgentTarget } from '../proxy/agent-target.ts';

/** There is no engine to ask: the message says why and what to do. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
  readonly statusCode = 503;
}

/** The engine said no; the message is its own. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly statusCode: number;
  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

export interface EngineCall {
  method?: 'GET' | 'POST' | 'DELETE';
  /** Without the API's version. */
  path: string;
  signal?: AbortSignal;
}

const apiVersion = '/v1.51';

/** Asks the engine of the machine that runs, as any of its clients would. */
export class EngineClient {
  readonly #target: () => AgentTarget;

  constructor(target: () => AgentTarget) {
    this.#target = target;
  }

  async json<T>(call: EngineCall): Promise<T> {
    return (await json(await this.open(call))) as T;
  }

  /** For answers without a body. */
  async send(call: EngineCall): Promise<void> {
    (await this.open(call)).resume();
  }

  /** The answer, to be read as it comes. */
  async open({ method = 'GET', path, signal }: EngineCall): Promise<IncomingMessage> {
    const target = this.#target();
    if (!target.agent) throw new EngineUnavailableError(target.reason);
    const ask = httpRequest({
      agent: target.agent,
      method,
      path: apiVersion + path,
      headers: { Host: 'berth' },
      ...(signal && { signal }),
    });
    // It may break once more after its answer has come.
    ask.on('error', () => undefined);
    const [answer] = (await once(ask.end(), 'response')) as [IncomingMessage];
    const status = answer.statusCode ?? 0;
    if (status < 400) return answer;
    const body = (await json(answer).catch(() => null)) as { message?: string } | null;
    throw new EngineError(status, body?.message ?? `the engine answered ${status}`);
  }
}
