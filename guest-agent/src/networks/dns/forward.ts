import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';

/** dockerd gives each server four seconds (libnetwork's resolver). */
const serverTimeoutMs = 4_000;

/** Asks the servers in turn and answers the first reply, as it came; null when none replied. */
export async function forward(
  query: Buffer,
  options: { servers: readonly string[]; transport: 'udp' | 'tcp'; timeoutMs?: number },
): Promise<Buffer | null> {
  const { servers, transport, timeoutMs = serverTimeoutMs } = options;
  for (const server of servers) {
    const reply = await (transport === 'udp' ? askUdp : askTcp)(query, server, timeoutMs);
    if (reply) return reply;
  }
  return null;
}

/** '10.0.0.1' or '10.0.0.1#5353' / '[::1]:5353'. */
function endpointOf(server: string): { address: string; port: number } {
  const bracketed =
    /^\[(.*)\]:(\d+)$/.exec(server) ?? /^([^#]+)#(\d+)$/.exec(server) ?? /^([\d.]+):(\d+)$/.exec(server);
  return bracketed ? { address: bracketed[1] as string, port: Number(bracketed[2]) } : { address: server, port: 53 };
}

function askUdp(query: Buffer, server: string, timeoutMs: number): Promise<Buffer | null> {
  const { address, port } = endpointOf(server);
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    const finish = (reply: Buffer | null) => {
      clearTimeout(timer);
      socket.close();
      finish.done = true;
      resolve(reply);
    };
    finish.done = false;
    const once = (reply: Buffer | null) => (finish.done ? undefined : finish(reply));
    const timer = setTimeout(() => once(null), timeoutMs);
    // A connected socket takes replies of this server alone, and hears of a port that nobody serves.
    socket.once('error', () => once(null));
    socket.on(
      'message',
      (reply) => reply.length >= 12 && reply.readUInt16BE(0) === query.readUInt16BE(0) && once(reply),
    );
    socket.connect(port, address, () => socket.send(query));
  });
}

function askTcp(query: Buffer, server: string, timeoutMs: number): Promise<Buffer | null> {
  const { address, port } = endpointOf(server);
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: timeoutMs });
    const finish = (reply: Buffer | null) => {
      socket.destroy();
      resolve(reply);
    };
    let received: Buffer = Buffer.alloc(0);
    socket.once('error', () => finish(null));
    socket.once('timeout', () => finish(null));
    socket.once('close', () => finish(null));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const message = unframe(received);
      if (message) finish(message.body);
    });
    socket.once('connect', () => socket.write(frame(query)));
  });
}

/** Over TCP a message has its length before it (RFC 1035, 4.2.2). */
export function frame(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** The first whole message, and what is behind it; null when there is none yet. */
export function unframe(received: Buffer): { body: Buffer; rest: Buffer } | null {
  if (received.length < 2) return null;
  const end = 2 + received.readUInt16BE(0);
  return received.length < end ? null : { body: received.subarray(2, end), rest: received.subarray(end) };
}
