import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  formatAnswer,
  formatHello,
  type LinkConfig,
  type LinkNonces,
  type LinkStatus,
  type LinkTarget,
  maxLinkLineBytes,
  newNonce,
  parseRequest,
} from '../api/link/handshake.ts';
import { readLine } from '../api/link/read-line.ts';
import { splice } from './splice.ts';
import { connectTarget } from './target.ts';

/** Who gets the streams that end in this process. They own them from then on. */
export interface LinkHandlers {
  engine: (stream: Duplex) => void;
  guest: (stream: Duplex) => void;
}

const handshakeTimeoutMs = 10_000;
/** Connections that have not proved anything yet; above it new ones are closed at once. */
const maxStrangers = 256;

/**
 * Accepts the daemon's streams on a TCP port of the guest and hands each to its target. What does not prove that it
 * knows the secret is dropped. Disposing ends every stream.
 */
export async function startLink(config: object, handlers: LinkHandlers): Promise<AsyncDisposable> {
  const link = new Link(readConfig(config), handlers);
  await link.listen();
  return link;
}

function readConfig(config: object): LinkConfig {
  const { kind, host, port, secret } = config as Partial<LinkConfig>;
  if (kind !== 'tcp' || typeof host !== 'string' || typeof port !== 'number') {
    throw new Error("link: must be {kind: 'tcp', host, port, secret}");
  }
  if (typeof secret !== 'string' || !/^[0-9a-f]{64,}$/.test(secret)) {
    throw new Error('link: secret must be at least 64 hexadecimal digits');
  }
  return { kind, host, port, secret };
}

class Link implements AsyncDisposable {
  readonly #config: LinkConfig;
  readonly #handlers: LinkHandlers;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #strangers = 0;

  constructor(config: LinkConfig, handlers: LinkHandlers) {
    this.#config = config;
    this.#handlers = handlers;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#onConnection(socket));
  }

  async listen(): Promise<void> {
    const { host, port } = this.#config;
    this.#server.listen({ host, port, backlog: 511 });
    await once(this.#server, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  #onConnection(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    socket.on('error', () => socket.destroy());
    if (this.#strangers >= maxStrangers) return void socket.destroy();
    this.#strangers += 1;
    this.#shakeHands(socket)
      .finally(() => (this.#strangers -= 1))
      .then((accepted) => this.#connect(socket, accepted))
      .catch(() => socket.destroy());
  }

  async #shakeHands(socket: Socket): Promise<Accepted> {
    const guestNonce = newNonce();
    socket.write(formatHello(guestNonce));
    const signal = AbortSignal.timeout(handshakeTimeoutMs);
    const line = await readLine(socket, { maxBytes: maxLinkLineBytes, signal });
    const request = parseRequest(this.#config.secret, guestNonce, line);
    if (request === null) throw new Error('the far end does not know the secret');
    return { nonces: { guest: guestNonce, host: request.hostNonce }, target: request.target };
  }

  async #connect(socket: Socket, { nonces, target }: Accepted): Promise<void> {
    const answer = (status: LinkStatus) => formatAnswer(this.#config.secret, nonces, status);
    if (target.kind === 'tcp') {
      const far = await connectTarget(target);
      if (typeof far === 'string') return void socket.end(answer(far)).destroySoon();
      this.#open.add(far);
      far.once('close', () => this.#open.delete(far));
      socket.write(answer('ok'));
      return splice(socket, far);
    }
    socket.write(answer('ok'));
    if (target.kind === 'engine') this.#handlers.engine(socket);
    else this.#handlers.guest(socket);
  }
}

/** A stream whose far end is the daemon. */
interface Accepted {
  nonces: LinkNonces;
  target: LinkTarget;
}
