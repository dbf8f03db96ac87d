import { spawn } from 'node:child_process';
import { createSocket, Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, Server } from 'node:net';
import { SystemError } from '../../api/index.ts';
import { resolverAddress, type ResolverTarget } from './redirect.ts';

/** Both listen on the same port; whoever gets them closes them. */
export interface ResolverSockets {
  udp: UdpSocket;
  tcp: Server;
}

/** Port 0: any that is free for both. */
export async function openSockets({ address, port }: ResolverTarget): Promise<ResolverSockets> {
  const udp = createSocket('udp4');
  try {
    udp.bind(port, address);
    await once(udp, 'listening');
    const tcp = createServer({ allowHalfOpen: true }).listen(udp.address().port, address);
    await once(tcp, 'listening');
    return { udp, tcp };
  } catch (error) {
    udp.close();
    throw error;
  }
}

/** Binds in the namespace that it was started in and hands the sockets to its parent. */
const helper = `
const udp = require('node:dgram').createSocket('udp4');
const tcp = require('node:net').createServer();
const leave = () => [udp, tcp].forEach((socket) => socket.close()) ?? process.disconnect();
udp.bind(Number(process.argv[1]), '${resolverAddress}', () =>
  tcp.listen(udp.address().port, '${resolverAddress}', () =>
    process.send('udp', udp, () => process.send('tcp', tcp, leave))));
`;
const helperTimeoutMs = 10_000;

/**
 * On 127.0.0.11 inside a network namespace, for networks in which the machine has no address. A process can be in one
 * namespace only, so a short-lived one makes the sockets there.
 */
export async function openSocketsIn(namespace: string, port: number): Promise<ResolverSockets> {
  const child = spawn('nsenter', [`--net=${namespace}`, process.execPath, '-e', helper, String(port)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    signal: AbortSignal.timeout(helperTimeoutMs),
  });
  const found: Partial<ResolverSockets> = {};
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.on('message', (_kind, handle) => {
    if (handle instanceof UdpSocket) found.udp = handle;
    else if (handle instanceof Server) found.tcp = handle;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  const { udp, tcp } = found;
  if (udp && tcp) return { udp, tcp };
  udp?.close();
  tcp?.close();
  throw new SystemError(`no resolver in ${namespace}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
}
