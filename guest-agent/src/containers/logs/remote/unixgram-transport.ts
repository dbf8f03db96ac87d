import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SystemError } from '../../../api/index.ts';
import { dialError } from './dial.ts';
import type { Transport } from './transport.ts';
import { unixSocketType } from './unix-socket-type.ts';

interface Relay {
  socket: Socket;
  child: ChildProcess;
  /** As /proc/net/udp names the relay's end. */
  localAddress: string;
}

const startTimeoutMs = 5_000;
const batchSize = 64;
const loopback = '0100007F';
const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

/**
 * Datagrams to a unix socket, which Node cannot send: socat passes on what it gets from a UDP socket of ours, one for
 * one. It is connected to ours, so nobody else can put anything in. What waits in it is kept small, so that none is lost.
 */
export class UnixgramTransport implements Transport {
  readonly #path: string;
  #relay: Relay | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async open(signal: AbortSignal): Promise<void> {
    if ((await unixSocketType(this.#path)) !== 'unixgram') {
      const refused = Object.assign(new Error('refused'), { errno: -111, code: 'ECONNREFUSED' });
      throw dialError({ network: 'unixgram', path: this.#path }, refused);
    }
    await this.close();
    const socket = createSocket('udp4');
    socket.on('error', () => undefined);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening', { signal });
    const { port } = socket.address();
    const child = spawn('socat', ['-u', `UDP4-CONNECT:127.0.0.1:${port}`, `UNIX-SENDTO:${this.#path}`], {
      stdio: 'ignore',
    });
    const { promise: failed, reject } = Promise.withResolvers<never>();
    child.once('error', (error) => reject(new SystemError(`socat: ${error.message}`, { cause: error })));
    failed.catch(() => undefined);
    try {
      const localAddress = await Promise.race([findPeer(port, signal), failed]);
      socket.connect(parseInt(localAddress.slice(-4), 16), '127.0.0.1');
      await once(socket, 'connect', { signal });
      this.#relay = { socket, child, localAddress };
    } catch (error) {
      child.kill('SIGKILL');
      socket.close();
      throw error;
    }
  }

  async send(payloads: readonly Buffer[], signal: AbortSignal): Promise<void> {
    for (let at = 0; at < payloads.length; at += batchSize) {
      if (!this.#relay || hasEnded(this.#relay.child)) await this.open(signal);
      const { socket, child, localAddress } = this.#relay as Relay;
      const batch = payloads.slice(at, at + batchSize);
      await Promise.all(batch.map((payload) => new Promise((resolve) => socket.send(payload, resolve))));
      while ((await isWaiting(localAddress)) && !hasEnded(child)) await sleep(1, undefined, { signal });
    }
  }

  async close(): Promise<void> {
    const relay = this.#relay;
    this.#relay = null;
    if (!relay) return;
    relay.socket.close();
    if (hasEnded(relay.child)) return;
    const ended = once(relay.child, 'exit');
    relay.child.kill('SIGTERM');
    await ended;
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** Fields of /proc/net/udp: number, local address, remote address, state, sizes of what waits (sent:received)… */
async function udpSockets(): Promise<string[][]> {
  const text = await readFile('/proc/net/udp', 'utf8');
  return text.split('\n').map((line) => line.trim().split(/\s+/));
}

async function findPeer(port: number, signal: AbortSignal): Promise<string> {
  const wanted = `${loopback}:${hexPort(port)}`;
  const deadlineMs = performance.now() + startTimeoutMs;
  while (performance.now() < deadlineMs) {
    const found = (await udpSockets()).find((fields) => fields[2] === wanted)?.[1];
    if (found !== undefined) return found;
    await sleep(5, undefined, { signal });
  }
  throw new SystemError('socat does not answer');
}

async function isWaiting(localAddress: string): Promise<boolean> {
  const fields = (await udpSockets()).find((socket) => socket[1] === localAddress);
  return fields !== undefined && !fields[4]?.endsWith(':00000000');
}
