import { Duplex } from 'node:stream';

/** The part of a WebSocket (the package ws) that a byte stream needs. */
export interface WebSocketLike {
  send(data: Buffer | string, options: { binary: boolean }, done: (error?: Error) => void): void;
  on(event: 'message', listener: (data: Buffer) => void): unknown;
  on(event: 'close' | 'error', listener: (error?: Error) => void): unknown;
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
}

/** A WebSocket as a byte stream: each message in is input, each chunk out a message. */
export class WebSocketStream extends Duplex {
  readonly #socket: WebSocketLike;
  readonly #binary: boolean;

  /** `binary` false sends text, for clients that know no better. */
  constructor(socket: WebSocketLike, binary: boolean) {
    super();
    this.#socket = socket;
    this.#binary = binary;
    socket.on('message', (data) => {
      if (!this.push(data)) socket.pause();
    });
    socket.on('error', () => this.destroy());
    socket.on('close', () => {
      this.push(null);
      this.destroy();
    });
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.send(chunk, { binary: this.#binary }, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.close();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // A close that has begun goes on; nothing more is expected of the client.
    if (!this.writableFinished) this.#socket.terminate();
    done(error);
  }
}
