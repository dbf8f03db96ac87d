import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { maxHeaderBytes, type AgentTarget } from '../proxy/agent-target.ts';
import { isBareUpgrade, takeConnection } from '../proxy/bare-upgrade.ts';
import { passBulk } from '../proxy/bulk.ts';
import { forward } from '../proxy/forward.ts';
import { upgrade } from '../proxy/upgrade.ts';
import { closeServer, listenIfFree, listenOnSocket } from './listen.ts';

export interface EngineServerOptions {
  socketPath: string;
  /** Asked for every request. */
  target: () => AgentTarget;
  /** Asked for every request: null, or what it has to wait for before it is passed on; never rejects. */
  wake: () => Promise<void> | null;
}

export interface EngineServer extends AsyncDisposable {
  /** Serves another address, too; false: somebody else has it. */
  alsoListen(address: string): Promise<boolean>;
}

/** A client has this long to send a request's head; bodies and answers may take as long as they like. */
const headersTimeoutMs = 60_000;

/** What Go's server says to bytes that are no HTTP request. */
const badRequest =
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request';

/** Serves the Engine API on the host's socket by passing everything on to the guest agent. */
export async function startEngineServer({ socketPath, target, wake }: EngineServerOptions): Promise<EngineServer> {
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: 0,
  });
  server.timeout = 0;
  const connections = track(server);
  passBulk(server, target);
  const whenAwake = async (client: Duplex, pass: () => void) => {
    const waking = wake();
    if (waking) await waking;
    if (!client.destroyed) pass();
  };
  server.on('request', (request, response) => {
    const pass = () => {
      if (isBareUpgrade(request)) upgrade(takeConnection(request, response), target());
      else forward(request, response, target());
    };
    void whenAwake(request.socket, pass);
  });
  server.on('upgrade', (request, client, head) => {
    void whenAwake(client, () => upgrade({ request, client, head }, target()));
  });
  server.on('clientError', refuseGarbage);
  await listenOnSocket(server, socketPath);
  const doors = new AsyncDisposableStack();
  return {
    alsoListen: async (address) => doors.use(await listenIfFree(server, address)) !== null,
    [Symbol.asyncDispose]: async () => {
      const closed = doors.disposeAsync();
      await closeServer(server, connections);
      await closed;
    },
  };
}

function track(server: Server): Set<Socket> {
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return connections;
}

/**
 * An old client that hijacks without asking for an upgrade sends its input behind the request: that is no HTTP, but
 * the answer that goes on must not suffer from it.
 */
function refuseGarbage(_error: Error, socket: Duplex): void {
  const answering = (socket as Duplex & { _httpMessage?: ServerResponse | null })._httpMessage;
  if (answering?.headersSent) {
    answering.once('finish', () => socket.end());
    return;
  }
  if (socket.writable) socket.end(badRequest, () => socket.destroy());
  else socket.destroy();
}
