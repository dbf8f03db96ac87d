import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { packet, PacketReader, packetsIn, protocolVersion, requestType, uint32 } from '../api/sftp/index.ts';
import { HostFileError, answerTo, type SftpAnswer } from './sftp-answer.ts';

export interface SftpConnectionOptions {
  /** Opens a stream to a server; rejects when there is none for now. */
  connect: (signal: AbortSignal) => Promise<Duplex>;
  /** There is another server from now on. */
  onServer?: () => void;
}

interface OpenRequest {
  type: number;
  bytes: Buffer;
  /** A server that is gone may have carried it out. */
  isRepeated: boolean;
  resolve: (answer: SftpAnswer) => void;
  reject: (error: Error) => void;
}

/**
 * Asks whichever SFTP server there is: when a stream breaks, the next server gets the requests that are still open once
 * more (its handles hold from one to the next), and who asked notices nothing but the time that passed. Where no server
 * comes, they fail with EIO.
 */
export class SftpConnection implements Disposable {
  readonly #options: SftpConnectionOptions;
  readonly #closing = new AbortController();
  readonly #open = new Map<number, OpenRequest>();
  #lastId = 0;
  #stream: Duplex | null = null;
  #isRunning = false;

  constructor(options: SftpConnectionOptions) {
    this.#options = options;
  }

  /** Rejects with a {@link HostFileError}. How many may be open at once is up to who asks. */
  ask(type: number, ...fields: readonly Buffer[]): Promise<SftpAnswer> {
    if (this.#closing.signal.aborted) return Promise.reject(new HostFileError('EIO'));
    const id = (this.#lastId = (this.#lastId + 1) >>> 0);
    const { promise, resolve, reject } = Promise.withResolvers<SftpAnswer>();
    const bytes = packet(type, uint32(id), ...fields);
    this.#open.set(id, { type, bytes, isRepeated: false, resolve, reject });
    if (this.#stream) this.#stream.write(bytes);
    else void this.#stayConnected();
    return promise;
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#stream?.destroy();
    this.#failAll();
  }

  /** From the first request on: a server also watches. */
  async #stayConnected(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#useServer(await this.#options.connect(signal));
      } catch {
        this.#failAll();
      }
      await delay(retryIntervalMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
    this.#failAll();
  }

  /** Resolves when the stream has ended. */
  async #useServer(stream: Duplex): Promise<void> {
    stream.on('error', () => stream.destroy());
    try {
      this.#closing.signal.throwIfAborted();
      stream.write(packet(requestType.init, uint32(protocolVersion)));
      for (const { bytes } of this.#open.values()) stream.write(bytes);
      this.#stream = stream;
      this.#options.onServer?.();
      for await (const answer of packetsIn(stream)) this.#take(new PacketReader(answer));
    } catch {
      // It broke: the next one goes on.
    } finally {
      this.#stream = null;
      for (const request of this.#open.values()) request.isRepeated = true;
      stream.destroy();
    }
  }

  #take(fields: PacketReader): void {
    const type = fields.uint8();
    // The server's version has no id, and nothing of interest.
    const id = fields.uint32();
    const request = this.#open.get(id);
    if (!request || type === versionType) return;
    this.#open.delete(id);
    try {
      request.resolve(answerTo(request, { type, fields }));
    } catch (error) {
      request.reject(error as Error);
    }
  }

  #failAll(): void {
    const requests = [...this.#open.values()];
    this.#open.clear();
    for (const { reject } of requests) reject(new HostFileError('EIO'));
  }
}

const retryIntervalMs = 100;
const versionType = requestType.init + 1;
