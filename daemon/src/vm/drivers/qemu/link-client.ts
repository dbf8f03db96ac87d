import type { Socket } from 'node:net';
import {
  formatRequest,
  type LinkConfig,
  LineError,
  maxLinkLineBytes,
  newNonce,
  parseAnswer,
  parseHello,
  readLine,
} from '@berth/guest-agent/api';
import { connectStream } from '../../connect.ts';
import { DialError, type DialTarget } from '../../driver.ts';
import { Gate } from './gate.ts';

const handshakeTimeoutMs = 15_000;
/**
 * QEMU's forward listens with a backlog of one. More connections at once are not refused but forgotten by the kernel,
 * and only tried again after seconds: so no more of them are begun than the queue takes.
 */
const connectionsAtOnce = 2;

/** The daemon's end of the link: a stream per dial, over the host port that QEMU forwards to the agent. */
export class LinkClient {
  readonly #port: number;
  readonly #secret: string;
  readonly #gate = new Gate(connectionsAtOnce);

  constructor(link: Pick<LinkConfig, 'secret'> & { hostPort: number }) {
    this.#port = link.hostPort;
    this.#secret = link.secret;
  }

  /** Rejects with {@link DialError}; the next dial has a fresh chance. */
  async dial(target: DialTarget, signal?: AbortSignal): Promise<Socket> {
    const timeout = AbortSignal.timeout(handshakeTimeoutMs);
    const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
    const { socket, guestNonce } = await this.#gate.pass(() => this.#greet(either), either).catch(asDialError);
    try {
      const nonces = { guest: guestNonce, host: newNonce() };
      socket.write(formatRequest(this.#secret, nonces, target));
      const status = parseAnswer(this.#secret, nonces, await line(socket, either));
      if (status === null) throw new DialError('ECLOSED', 'the far end of the link is not the guest agent');
      if (status !== 'ok') throw new DialError(status, `${describe(target)} in the guest: ${status}`);
      return socket;
    } catch (error) {
      socket.destroy();
      return asDialError(error);
    }
  }

  async #greet(signal: AbortSignal): Promise<{ socket: Socket; guestNonce: string }> {
    const socket = await connectStream({ host: '127.0.0.1', port: this.#port }, signal);
    // The stream's owner gets later errors too; without a listener of ours an early one would end the process.
    socket.on('error', () => undefined);
    try {
      const guestNonce = parseHello(await line(socket, signal));
      if (guestNonce === null) throw new DialError('ECLOSED', 'the far end of the link is not the guest agent');
      return { socket, guestNonce };
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }
}

function line(socket: Socket, signal: AbortSignal): Promise<string> {
  return readLine(socket, { maxBytes: maxLinkLineBytes, signal });
}

function describe(target: DialTarget): string {
  if (target.kind === 'tcp') return `${target.host}:${target.port}`;
  return target.kind === 'engine' ? 'the engine' : 'the guest API';
}

function asDialError(error: unknown): never {
  if (error instanceof DialError) throw error;
  if (error instanceof LineError) throw new DialError('ECLOSED', `the guest agent: ${error.message}`, { cause: error });
  throw new DialError('ETIMEDOUT', 'the guest agent did not answer in time', { cause: error });
}
