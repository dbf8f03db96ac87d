import type { Duplex } from 'node:stream';
import { type Frame, type FrameType, frameType } from './frame.ts';
import { LinkSession } from './session.ts';
import { LinkStream, type StreamLink } from './stream.ts';
import { type LinkStatus, type LinkTarget, parseStatus } from './target.ts';

/** What a stream that the other end opens is joined to. */
export type LinkAnswer =
  | { status: Exclude<LinkStatus, 'ok'> }
  /** `serve` gets the stream after 'ok' was answered; `decline` is called instead if it is gone by then. */
  | { status: 'ok'; serve: (stream: Duplex) => void; decline?: () => void };

export type LinkAcceptor = (target: LinkTarget) => Promise<LinkAnswer>;

export interface LinkMuxOptions {
  /** Left out on the end that opens streams. */
  accept?: LinkAcceptor;
  /** The other end is there; streams can be opened. */
  onUp?: () => void;
}

const nothing = Buffer.alloc(0);

interface Opening {
  stream: LinkStream;
  resolve: (status: LinkStatus) => void;
}

/** Any number of byte streams over one pipe that may be exchanged for a new one. */
export class LinkMux implements Disposable {
  readonly #accept: LinkAcceptor | undefined;
  readonly #onUp: (() => void) | undefined;
  readonly #streams = new Map<number, LinkStream>();
  readonly #opening = new Map<number, Opening>();
  /** Streams with something to send, in the order in which they get their turn. */
  readonly #senders = new Set<LinkStream>();
  #session: LinkSession | null = null;
  #isUp = false;
  #isBlocked = false;
  #lastId = 0;

  constructor({ accept, onUp }: LinkMuxOptions) {
    this.#accept = accept;
    this.#onUp = onUp;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Goes on over this pipe; streams over an earlier one are reset. The mux owns it until it closes or is replaced. */
  attach(carrier: Duplex): void {
    this.#session?.[Symbol.dispose]();
    const session = new LinkSession(carrier, {
      onUp: () => this.#wentUp(),
      onDown: () => this.#wentDown(),
      onFrame: (frame) => this.#onFrame(frame),
      onDrain: () => this.#drain(),
    });
    this.#session = session;
    this.#isBlocked = false;
    carrier.on('error', () => carrier.destroy());
    carrier.once('end', () => carrier.destroy());
    carrier.once('close', () => session[Symbol.dispose]());
  }

  /** Opens a stream to a target of the other end; its status if that fails. */
  async open(target: LinkTarget, signal: AbortSignal): Promise<LinkStream | LinkStatus> {
    if (!this.#isUp) return 'ECLOSED';
    const id = (this.#lastId = (this.#lastId + 1) % 2 ** 32);
    const stream = new LinkStream(id, this.#streamLink);
    stream.on('error', () => undefined);
    this.#streams.set(id, stream);
    const { promise, resolve } = Promise.withResolvers<LinkStatus>();
    this.#opening.set(id, { stream, resolve });
    const giveUp = () => resolve('ETIMEDOUT');
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    this.#send(frameType.open, id, Buffer.from(JSON.stringify(target)));
    const status = await promise;
    signal.removeEventListener('abort', giveUp);
    this.#opening.delete(id);
    if (status === 'ok') return stream;
    stream.destroy();
    return status;
  }

  [Symbol.dispose](): void {
    this.#session?.[Symbol.dispose]();
    this.#session = null;
  }

  readonly #streamLink: StreamLink = {
    wantsToSend: (stream) => {
      this.#senders.add(stream);
      this.#drainUnlessBlocked();
    },
    sendEnd: ({ id }) => this.#send(frameType.end, id, nothing),
    sendReset: ({ id }) => this.#send(frameType.reset, id, nothing),
    sendCredit: ({ id }, bytes) => {
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(bytes);
      this.#send(frameType.credit, id, payload);
    },
    onGone: (stream) => {
      this.#senders.delete(stream);
      if (this.#streams.get(stream.id) === stream) this.#streams.delete(stream.id);
    },
  };

  #wentUp(): void {
    this.#isUp = true;
    this.#onUp?.();
  }

  #wentDown(): void {
    this.#isUp = false;
    for (const { resolve } of this.#opening.values()) resolve('ECLOSED');
    for (const stream of [...this.#streams.values()]) stream.onReset();
    this.#senders.clear();
  }

  #send(type: FrameType, stream: number, payload: Buffer): void {
    if (this.#session && !this.#session.send({ type, stream, payload })) this.#isBlocked = true;
  }

  #drain(): void {
    this.#isBlocked = false;
    this.#drainUnlessBlocked();
  }

  /** A frame of each stream in turn, until the pipe is full or nobody has anything. */
  #drainUnlessBlocked(): void {
    while (!this.#isBlocked) {
      const [stream] = this.#senders;
      if (stream === undefined) return;
      this.#senders.delete(stream);
      const piece = stream.takePiece();
      if (piece === null) continue;
      this.#send(frameType.data, stream.id, piece);
      this.#senders.add(stream);
    }
  }

  #onFrame({ type, stream: id, payload }: Frame): void {
    if (type === frameType.open) return void this.#onOpen(id, payload);
    const stream = this.#streams.get(id);
    if (!stream) return;
    if (type === frameType.opened) this.#opening.get(id)?.resolve(parseStatus(payload.toString('latin1')));
    else if (type === frameType.data) stream.onData(payload);
    else if (type === frameType.end) stream.onEnd();
    else if (type === frameType.credit) stream.onCredit(payload.readUInt32BE());
    else stream.onReset();
  }

  async #onOpen(id: number, payload: Buffer): Promise<void> {
    const stream = new LinkStream(id, this.#streamLink);
    stream.on('error', () => undefined);
    this.#streams.set(id, stream);
    const answer = await this.#ask(payload);
    if (stream.destroyed) {
      if (answer.status === 'ok') answer.decline?.();
      return;
    }
    this.#send(frameType.opened, id, Buffer.from(answer.status));
    if (answer.status === 'ok') answer.serve(stream);
    else stream.onReset();
  }

  async #ask(payload: Buffer): Promise<LinkAnswer> {
    try {
      if (!this.#accept) return { status: 'ECONNREFUSED' };
      return await this.#accept(JSON.parse(payload.toString()) as LinkTarget);
    } catch {
      return { status: 'ECLOSED' };
    }
  }
}
