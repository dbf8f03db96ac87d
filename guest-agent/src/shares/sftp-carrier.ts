import { once } from 'node:events';
import type { Duplex, Readable, Writable } from 'node:stream';
import { packetsIn } from '../api/files/packets.ts';

export interface SftpCarrierOptions {
  /** The client's requests and where it reads the answers. */
  requests: Readable;
  answers: Writable;
  /** Opens a stream to a server; rejects when there will be none. */
  connect: (signal: AbortSignal) => Promise<Duplex>;
  /** Ends it. */
  signal: AbortSignal;
}

const initType = 1;
const idAt = 1;

/**
 * Joins an SFTP client with whichever server there is: when a stream breaks, the next server gets the requests that are
 * still open once more, and the client notices nothing but the time that passed. (The server's handles hold from one to
 * the next.)
 */
export class SftpCarrier {
  readonly #options: SftpCarrierOptions;
  readonly #closing = new AbortController();
  /** Requests without an answer, by their id. The client limits how many there are. */
  readonly #open = new Map<number, Buffer>();
  #init: Buffer | null = null;
  #hasVersion = false;
  #stream: Duplex | null = null;

  constructor(options: SftpCarrierOptions) {
    this.#options = options;
  }

  /** Resolves when the client has ended, or no server is to be had; then both are closed. */
  async run(): Promise<void> {
    const { requests, answers, signal: ending } = this.#options;
    ending.addEventListener('abort', () => this.#close(), { signal: this.#closing.signal });
    answers.on('error', () => this.#close());
    requests.on('error', () => this.#close());
    const { signal } = this.#closing;
    const reading = this.#takeRequests().finally(() => this.#close());
    try {
      while (!signal.aborted) await this.#useServer(await this.#options.connect(signal));
    } catch {
      // There is no server (any more): the client is told by the end of its answers.
    } finally {
      this.#close();
      answers.destroy();
      requests.destroy();
      await reading.catch(() => undefined);
    }
  }

  #close(): void {
    this.#closing.abort();
    this.#stream?.destroy();
  }

  async #takeRequests(): Promise<void> {
    for await (const packet of packetsIn(this.#options.requests)) {
      if (packet[0] === initType) this.#init = Buffer.from(packet);
      else this.#open.set(packet.readUInt32BE(idAt), Buffer.from(packet));
      if (this.#stream) await write(this.#stream, packet, this.#closing.signal);
    }
  }

  /** Resolves when the stream has ended. */
  async #useServer(stream: Duplex): Promise<void> {
    stream.on('error', () => stream.destroy());
    this.#stream = stream;
    try {
      if (this.#closing.signal.aborted) return;
      const left = [...(this.#init ? [this.#init] : []), ...this.#open.values()];
      for (const packet of left) stream.write(framed(packet));
      for await (const packet of packetsIn(stream)) await this.#answer(packet);
    } catch {
      // It broke: the next one goes on.
    } finally {
      if (this.#stream === stream) this.#stream = null;
      stream.destroy();
    }
  }

  async #answer(packet: Buffer): Promise<void> {
    const isVersion = packet[0] === initType + 1;
    // Only the first server introduces itself to the client.
    if (isVersion && this.#hasVersion) return;
    if (isVersion) this.#hasVersion = true;
    else if (!this.#open.delete(packet.readUInt32BE(idAt))) return;
    await write(this.#options.answers, packet, this.#closing.signal);
  }
}

async function write(to: Writable, packet: Buffer, signal: AbortSignal): Promise<void> {
  if (to.destroyed || to.write(framed(packet))) return;
  const closed = new AbortController();
  const onClose = () => closed.abort();
  to.once('close', onClose);
  await once(to, 'drain', { signal: AbortSignal.any([signal, closed.signal]) }).catch(() => undefined);
  to.off('close', onClose);
}

function framed(packet: Buffer): Buffer {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(packet.length);
  return Buffer.concat([length, packet]);
}
