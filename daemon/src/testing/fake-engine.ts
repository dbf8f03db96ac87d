import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AgentPool } from '../guest/agent-pool.ts';
import { startEngineServer } from '../server/engine-server.ts';
import { scratchDir } from '../vm/testing/scratch-dir.ts';

export interface FakeEngineOptions {
  onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
  onUpgrade?: (request: IncomingMessage, stream: Duplex) => void;
}

/** A proxy in front of an engine that a test plays. */
export interface ProxiedEngine extends AsyncDisposable {
  /** The proxy's socket. */
  socketPath: string;
  /** The engine's connections that are open now. */
  guestSide: Set<Socket>;
  engine: Server;
}

export async function proxiedEngine(options: FakeEngineOptions): Promise<ProxiedEngine> {
  const dir = await scratchDir();
  const engine = createServer({ maxHeaderSize: 1024 * 1024, requestTimeout: 0, keepAliveTimeout: 0 });
  if (options.onRequest) engine.on('request', options.onRequest);
  engine.on('upgrade', (request, stream, head) => {
    if (head.length > 0) stream.unshift(head);
    options.onUpgrade?.(request, stream);
  });
  const guestSide = new Set<Socket>();
  engine.on('connection', (socket: Socket) => {
    guestSide.add(socket);
    socket.once('close', () => guestSide.delete(socket));
  });
  engine.listen(dir.file('engine.sock'));
  await once(engine, 'listening');
  const pool = new AgentPool(() => connectTo(dir.file('engine.sock')));
  const socketPath = dir.file('docker.sock');
  const server = await startEngineServer({ socketPath, target: () => ({ agent: pool }), wake: () => null });
  const close = async () => {
    await server[Symbol.asyncDispose]();
    pool.destroy();
    engine.close();
    for (const socket of guestSide) socket.destroy();
    await once(engine, 'close');
    await dir[Symbol.asyncDispose]();
  };
  return { socketPath, guestSide, engine, [Symbol.asyncDispose]: close };
}

export async function connectTo(path: string): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes until the end; unlike node:stream/consumers it leaves a duplex stream's other half open. */
export async function textOf(stream: Duplex): Promise<string> {
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(stream, 'end');
  return text;
}
