import { setTimeout as sleep } from 'node:timers/promises';
import { SystemError } from '../../../api/index.ts';
import { extraAttributes } from '../log-attributes.ts';
import type { LogInfo } from '../log-info.ts';
import type { LogMessage, LogSender } from '../remote/message.ts';
import { StreamConnection } from '../remote/stream-connection.ts';
import { idTemplate, logTag } from '../tag/log-tag.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { fluentdEvent, type FluentdContext, type FluentdEvent } from './encode.ts';
import { fluentdOptions, type FluentdOptions } from './options.ts';

const dialTimeoutMs = 3_000;
const maxRetryWaitMs = 60_000;
const waitGrowth = 1.5;

/** Docker's log driver `fluentd`: the forward protocol, with retries that wait longer each time. */
export class FluentdSender implements LogSender {
  readonly #options: FluentdOptions;
  readonly #context: FluentdContext;
  readonly #connection: StreamConnection;
  readonly #confirmed = new Acknowledgements();
  #connectedAtMs = 0;

  constructor(info: LogInfo) {
    this.#options = fluentdOptions(info.options);
    const fields = {
      container_id: info.id,
      container_name: `/${info.name}`,
      ...Object.fromEntries(extraAttributes(info)),
    };
    const { subSecondPrecision, endpoint } = this.#options;
    this.#context = { tag: logTag(info, idTemplate), fields, subSecondPrecision };
    const onData = (chunk: Buffer) => this.#confirmed.push(chunk);
    this.#connection = new StreamConnection(endpoint, { timeoutMs: dialTimeoutMs, onData });
  }

  get options(): FluentdOptions {
    return this.#options;
  }

  async open(signal: AbortSignal): Promise<void> {
    if (!this.#options.async) await this.#connect(signal);
  }

  async send(messages: readonly LogMessage[], signal: AbortSignal): Promise<void> {
    const { requestAck } = this.#options;
    const events = messages.map((message) => fluentdEvent(message, this.#context, requestAck));
    const deliveries = requestAck ? events.map((event) => [event]) : [events];
    for (const delivery of deliveries) await this.#deliver(delivery, signal);
  }

  async close(): Promise<void> {
    await this.#connection.finish();
  }

  async #deliver(events: FluentdEvent[], signal: AbortSignal): Promise<void> {
    const bytes = Buffer.concat(events.map((event) => event.bytes));
    const { maxRetries, writeTimeoutMs: timeoutMs } = this.#options;
    for (let attempt = 0; attempt < maxRetries; attempt++) {
      await this.#connectWithRetries(signal);
      try {
        await this.#connection.write(bytes, { signal, timeoutMs });
        return await this.#confirmation(events[0] as FluentdEvent, signal);
      } catch {
        signal.throwIfAborted();
      }
    }
    throw new SystemError(`fluent#write: failed to write after ${maxRetries} attempts`);
  }

  /** Rejects when the connection goes before the server has confirmed. */
  async #confirmation({ chunk }: FluentdEvent, signal: AbortSignal): Promise<void> {
    if (chunk === null) return;
    const lost = Promise.withResolvers<never>();
    const fail = () => lost.reject(new SystemError('the log server did not confirm'));
    signal.addEventListener('abort', fail);
    const unsubscribe = this.#connection.onClose(fail);
    try {
      await Promise.race([this.#confirmed.wait(chunk), lost.promise]);
    } finally {
      signal.removeEventListener('abort', fail);
      unsubscribe();
    }
  }

  async #connectWithRetries(signal: AbortSignal): Promise<void> {
    const { maxRetries, retryWaitMs, async, reconnectIntervalMs } = this.#options;
    const isOld = performance.now() - this.#connectedAtMs > reconnectIntervalMs;
    if (async && reconnectIntervalMs > 0 && isOld) await this.#connection.finish();
    if (this.#connection.isOpen) return;
    for (let attempt = 0; attempt < maxRetries; attempt++) {
      try {
        return await this.#connect(signal);
      } catch {
        const waitMs = Math.min(maxRetryWaitMs, retryWaitMs * waitGrowth ** (attempt - 1));
        await sleep(waitMs, undefined, { signal });
      }
    }
    throw new SystemError(`fluent#write: could not connect to fluentd after ${maxRetries} retries`);
  }

  async #connect(signal: AbortSignal): Promise<void> {
    this.#confirmed.reset();
    await this.#connection.open(signal);
    this.#connectedAtMs = performance.now();
  }
}
