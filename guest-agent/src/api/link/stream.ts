import { Duplex } from 'node:stream';
import { maxPayloadBytes } from './frame.ts';

/** What a stream asks of the link it belongs to. */
export interface StreamLink {
  /** There is something to send, or room for it again. */
  wantsToSend: (stream: LinkStream) => void;
  sendEnd: (stream: LinkStream) => void;
  sendReset: (stream: LinkStream) => void;
  sendCredit: (stream: LinkStream, bytes: number) => void;
  onGone: (stream: LinkStream) => void;
}

/** A stream may have this much under way that its reader has not taken. */
export const windowBytes = 256 * 1024;
/** Credit is given in steps, not for every chunk. */
const creditStepBytes = windowBytes / 4;

/** The other end was lost or broke the stream off. */
function resetError(): NodeJS.ErrnoException {
  return Object.assign(new Error('the link reset the stream'), { code: 'ECONNRESET' });
}

/**
 * One byte stream over the link: half-close, back-pressure, and a reset where one side destroys it early. It has those
 * methods of a socket that Node's HTTP client and server call.
 */
export class LinkStream extends Duplex {
  readonly id: number;
  readonly #link: StreamLink;
  #window = windowBytes;
  #owed = 0;
  #pending: Buffer = Buffer.alloc(0);
  #written: (() => void) | null = null;
  #isReset = false;
  #hasEnded = false;
  #idle: NodeJS.Timeout | undefined;
  #idleMs = 0;

  constructor(id: number, link: StreamLink) {
    super({ allowHalfOpen: true, readableHighWaterMark: windowBytes / 4 });
    this.id = id;
    this.#link = link;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#touch();
    if (chunk.length === 0) return void process.nextTick(done);
    this.#pending = chunk;
    this.#written = done;
    if (this.#isReset) this.#dropPending();
    else this.#link.wantsToSend(this);
  }

  override _final(done: (error?: Error) => void): void {
    this.#link.sendEnd(this);
    done();
  }

  override _read(): void {
    this.#giveCredit();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#idle);
    const isWhole = this.readableEnded && this.writableFinished;
    if (!isWhole && !this.#isReset) this.#link.sendReset(this);
    this.#link.onGone(this);
    done(error);
  }

  /** The next piece to send, within window and frame size; null if there is none. */
  takePiece(): Buffer | null {
    const length = Math.min(this.#pending.length, this.#window, maxPayloadBytes);
    if (length === 0 || this.destroyed) return null;
    const piece = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    this.#window -= length;
    if (this.#pending.length === 0) this.#finishWrite();
    return piece;
  }

  onData(payload: Buffer): void {
    if (this.destroyed) return;
    this.#touch();
    this.#owed += payload.length;
    if (this.push(payload)) this.#giveCredit();
  }

  onEnd(): void {
    this.#hasEnded = true;
    this.push(null);
  }

  onCredit(bytes: number): void {
    this.#window += bytes;
    this.#link.wantsToSend(this);
  }

  /** After the far end's end it only means that nobody reads any more: what it sent before is still to be had. */
  onReset(): void {
    this.#isReset = true;
    if (!this.#hasEnded) return void this.destroy(resetError());
    this.#dropPending();
    if (this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }

  setTimeout(timeoutMs: number, callback?: () => void): this {
    if (callback) this.once('timeout', callback);
    this.#idleMs = timeoutMs;
    this.#touch();
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    this.end(() => this.destroy());
  }

  resetAndDestroy(): this {
    return this.destroy();
  }

  #dropPending(): void {
    this.#pending = Buffer.alloc(0);
    this.#finishWrite();
  }

  #finishWrite(): void {
    const written = this.#written;
    this.#written = null;
    if (written) process.nextTick(written);
  }

  #giveCredit(): void {
    if (this.#owed < creditStepBytes) return;
    this.#link.sendCredit(this, this.#owed);
    this.#owed = 0;
  }

  #touch(): void {
    clearTimeout(this.#idle);
    if (this.#idleMs > 0) this.#idle = setTimeout(() => this.emit('timeout'), this.#idleMs).unref();
  }
}
