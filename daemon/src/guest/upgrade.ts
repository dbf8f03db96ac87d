import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const handshakeTimeoutMs = 10_000;

export interface UpgradeOptions {
  path: string;
  /** Of the header Upgrade. */
  protocol: string;
  signal: AbortSignal;
}

/** Turns a stream to the agent's guest API into one of another protocol; it is destroyed where that fails. */
export async function upgradeStream(stream: Duplex, { path, protocol, signal }: UpgradeOptions): Promise<Duplex> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(handshakeTimeoutMs)]);
  const headers = { Host: 'guest', Connection: 'Upgrade', Upgrade: protocol };
  const ask = request({ path, headers, createConnection: () => stream });
  // It may break once more after it was given up.
  ask.on('error', () => undefined);
  ask.once('response', (refusal) => ask.destroy(new Error(`the agent answered ${refusal.statusCode}`)));
  try {
    const [, switched, head] = (await once(ask.end(), 'upgrade', { signal: limit })) as [
      IncomingMessage,
      Duplex,
      Buffer,
    ];
    if (head.length > 0) switched.unshift(head);
    return switched;
  } catch (error) {
    ask.destroy();
    stream.destroy();
    throw error;
  }
}
