import type { Duplex } from 'node:stream';
import { type Frame, frameParts, padding, parseFrame } from './frame.ts';
import {
  findHello,
  formatHello,
  type Hello,
  helloBytes,
  helloFirstByte,
  newNonce,
  noNonce,
  parseHello,
} from './hello.ts';

export interface SessionEvents {
  /** Both ends know each other: frames can be sent. */
  onUp: () => void;
  /** The other end is a new one, or was lost: no stream lives on. May be followed by onUp. */
  onDown: () => void;
  onFrame: (frame: Frame) => void;
  /** The carrier takes frames again after send() said false. */
  onDrain: () => void;
}

const helloIntervalMs = 250;

/**
 * One end of the link over one carrier (any pipe of bytes): finds the other end, finds it again when that was started
 * anew, and cuts the bytes into frames.
 *
 *   searching ── hello with our nonce ──▶ up ── hello of a new end, broken frame ──▶ searching (with a new nonce)
 */
export class LinkSession implements Disposable {
  readonly #carrier: Duplex;
  readonly #events: SessionEvents;
  #isUp = false;
  #nonce = newNonce();
  #peer: Buffer = noNonce;
  #rest: Buffer = Buffer.alloc(0);
  /** Ticks while the other end is searched; an idle link costs nothing. */
  #hellos: NodeJS.Timeout | null = null;

  constructor(carrier: Duplex, events: SessionEvents) {
    this.#carrier = carrier;
    this.#events = events;
    carrier.on('data', (chunk: Buffer) => this.#onData(chunk));
    carrier.on('drain', () => events.onDrain());
    this.#keepSayingHello();
    this.#sayHello({ padded: true });
  }

  /** False: hold the next one back until onDrain. Frames sent while not up are dropped. */
  send(frame: Frame): boolean {
    if (!this.#isUp) return true;
    this.#carrier.cork();
    for (const part of frameParts(frame)) this.#carrier.write(part);
    process.nextTick(() => this.#carrier.uncork());
    return !this.#carrier.writableNeedDrain;
  }

  [Symbol.dispose](): void {
    this.#fallSilent();
    this.#carrier.destroy();
    this.#lose();
  }

  #onData(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#isUp ? this.#takeFrame() : this.#search());
  }

  /** True if it got on and there may be more. */
  #takeFrame(): boolean {
    if (this.#rest[0] === helloFirstByte) return this.#takeHello();
    const parsed = parseFrame(this.#rest);
    if (parsed.kind === 'partial') return false;
    if (parsed.kind === 'broken') {
      this.#startOver();
      return true;
    }
    this.#rest = this.#rest.subarray(parsed.length);
    if (parsed.kind === 'frame') this.#events.onFrame(parsed.frame);
    return true;
  }

  /** Reads over whatever an earlier end left. */
  #search(): boolean {
    const at = findHello(this.#rest);
    this.#rest = at === -1 ? Buffer.alloc(0) : this.#rest.subarray(at);
    return at !== -1 && this.#takeHello();
  }

  #takeHello(): boolean {
    const hello = parseHello(this.#rest);
    if (hello === 'partial') return false;
    if (hello === null) {
      this.#startOver();
      return true;
    }
    this.#rest = this.#rest.subarray(helloBytes);
    if (this.#isUp) this.#helloWhileUp(hello);
    else this.#helloWhileSearching(hello);
    return true;
  }

  #helloWhileUp({ isUp, nonce }: Hello): void {
    if (!nonce.equals(this.#peer)) this.#startOver(nonce);
    else if (!isUp) this.#sayHello({ padded: false });
  }

  #helloWhileSearching({ nonce, echo }: Hello): void {
    const isNew = !nonce.equals(this.#peer);
    this.#peer = nonce;
    this.#isUp = echo.equals(this.#nonce);
    // The other end must hear its nonce before the first frame.
    if (isNew || this.#isUp) this.#sayHello({ padded: false });
    if (!this.#isUp) return;
    this.#fallSilent();
    this.#events.onUp();
  }

  #startOver(peer: Buffer = noNonce): void {
    this.#lose();
    this.#nonce = newNonce();
    this.#peer = peer;
    this.#keepSayingHello();
    this.#sayHello({ padded: true });
  }

  #lose(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#events.onDown();
  }

  #keepSayingHello(): void {
    this.#hellos ??= setInterval(() => this.#helloAgain(), helloIntervalMs).unref();
  }

  #fallSilent(): void {
    if (this.#hellos) clearInterval(this.#hellos);
    this.#hellos = null;
  }

  #helloAgain(): void {
    if (!this.#carrier.writableNeedDrain) this.#sayHello({ padded: false });
  }

  #sayHello({ padded }: { padded: boolean }): void {
    if (this.#carrier.destroyed) return;
    if (padded) this.#carrier.write(padding);
    this.#carrier.write(formatHello({ isUp: this.#isUp, nonce: this.#nonce, echo: this.#peer }));
  }
}
