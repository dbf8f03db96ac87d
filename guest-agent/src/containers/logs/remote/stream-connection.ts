import type { Socket } from 'node:net';
import { SystemError } from '../../../api/index.ts';
import { dialStream } from './dial.ts';
import type { StreamEndpoint } from './endpoint.ts';

/** A connection that may break, and be opened again. */
export class StreamConnection {
  readonly #endpoint: StreamEndpoint;
  readonly #timeoutMs: number;
  readonly #onData: (chunk: Buffer) => void;
  #socket: Socket | null = null;

  /** `timeoutMs`: how long connecting may take. `onData`: what the server says; ignored by default. */
  constructor(endpoint: StreamEndpoint, options: { timeoutMs: number; onData?: (chunk: Buffer) => void }) {
    this.#endpoint = endpoint;
    this.#timeoutMs = options.timeoutMs;
    this.#onData = options.onData ?? (() => undefined);
  }

  get isOpen(): boolean {
    return this.#socket !== null;
  }

  async open(signal: AbortSignal): Promise<void> {
    this.close();
    const socket = await dialStream(this.#endpoint, { timeoutMs: this.#timeoutMs, signal });
    this.#socket = socket;
    const lost = () => {
      if (this.#socket === socket) this.close();
    };
    // Reading is what shows that the server has closed its end.
    socket.on('data', this.#onData).on('error', lost).on('end', lost).on('close', lost);
    socket.setNoDelay(true);
  }

  /** Settles when the kernel has taken all of it; a failure closes the connection. */
  async write(bytes: Buffer, options: { signal: AbortSignal; timeoutMs?: number }): Promise<void> {
    const socket = this.#socket;
    if (!socket) throw new SystemError('the connection to the log server is closed');
    const signals = options.timeoutMs ? [AbortSignal.timeout(options.timeoutMs)] : [];
    const signal = AbortSignal.any([options.signal, ...signals]);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort);
    socket.once('close', abort);
    try {
      if (signal.aborted) throw signal.reason;
      socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      await promise;
    } catch (error) {
      this.close();
      throw error ?? new SystemError('the log server has closed the connection');
    } finally {
      signal.removeEventListener('abort', abort);
      socket.off('close', abort);
    }
  }

  /** Called once, when the connection of now is no more. The answer takes the listener off. */
  onClose(listener: () => void): () => void {
    const socket = this.#socket;
    if (!socket) {
      listener();
      return () => undefined;
    }
    socket.once('close', listener);
    return () => socket.off('close', listener);
  }

  /** Sends what has been written before it closes; {@link close} does not. */
  async finish(): Promise<void> {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.end(() => socket.destroy());
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }
}
