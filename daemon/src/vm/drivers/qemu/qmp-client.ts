import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { connectStream } from '../../connect.ts';

/** QEMU refused a command, or the connection to it ended. */
export class QmpError extends Error {
  override readonly name = 'QmpError';
}

interface Message {
  QMP?: object;
  id?: number;
  return?: unknown;
  error?: { class: string; desc: string };
  event?: string;
  data?: Record<string, unknown>;
}

export type QmpEvent = (event: string, data: Readonly<Record<string, unknown>>) => void;

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: QmpError) => void;
}

/** QEMU's control socket. It takes one client at a time; commands are answered in order. */
export class QmpClient implements Disposable {
  /** Settles when the connection has ended, which is when QEMU has. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #greeted = Promise.withResolvers<void>();
  readonly #listeners: QmpEvent[] = [];
  #lastId = 0;
  #shutdownReason: string | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => socket.destroy());
    // The socket keeps its half open by default; QEMU's end is the end.
    socket.on('end', () => socket.destroy());
    socket.once('close', () => this.#failPending());
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => this.#onLine(line));
    // readline tells the socket's errors once more.
    lines.on('error', () => undefined);
  }

  /** Connects and leaves QEMU's negotiation mode. Rejects when nobody answers before `signal` aborts. */
  static async connect(path: string, signal: AbortSignal): Promise<QmpClient> {
    const client = new QmpClient(await connectStream({ path }, signal));
    const abort = () => client[Symbol.dispose]();
    signal.addEventListener('abort', abort);
    try {
      await client.#greeted.promise;
      await client.execute('qmp_capabilities');
      return client;
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Why the guest ended, as QEMU names it ('guest-shutdown', 'guest-reset', …); null as long as it has not. */
  get shutdownReason(): string | null {
    return this.#shutdownReason;
  }

  /** What QEMU tells unasked, from now on. */
  onEvent(listener: QmpEvent): void {
    this.#listeners.push(listener);
  }

  /** Rejects with {@link QmpError}. */
  execute(command: string, args?: object): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (this.#socket.destroyed) throw new QmpError('the connection to QEMU is closed');
    const id = (this.#lastId += 1);
    this.#pending.set(id, { resolve, reject });
    this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    return promise;
  }

  /** Waits until QEMU has taken the client off its socket: the next one may come. */
  async release(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, 'close');
    this.#socket.destroy();
    await closed;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #onLine(line: string): void {
    const message = JSON.parse(line) as Message;
    if (message.QMP) this.#greeted.resolve();
    const { event, data = {} } = message;
    if (event === 'SHUTDOWN') this.#shutdownReason = typeof data.reason === 'string' ? data.reason : 'unknown';
    if (event !== undefined) for (const listener of this.#listeners) listener(event, data);
    const pending = message.id === undefined ? undefined : this.#pending.get(message.id);
    if (message.id === undefined || !pending) return;
    this.#pending.delete(message.id);
    if (message.error) pending.reject(new QmpError(message.error.desc));
    else pending.resolve(message.return);
  }

  #failPending(): void {
    const error = new QmpError('the connection to QEMU was closed');
    this.#greeted.reject(error);
    this.#greeted.promise.catch(() => undefined);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
