import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { chmod, rm } from 'node:fs/promises';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { InvalidParameterError, NotFoundError, statusOf } from '../api/errors.ts';
import { filesPath, filesUpgrade, sessionPath, sessionUpgrade, type GuestServices } from '../api/guest/protocol.ts';
import { HostSessions, type HostLink } from './host-link.ts';
import { Shells, type TerminalSize } from './shell.ts';

export interface GuestServerOptions {
  services: GuestServices;
  /** Who waits for the stream of this id, on which the host serves files; undefined: nobody. Left out: nobody ever. */
  filesFor?: (id: string) => ((stream: Duplex) => void) | undefined;
}

/**
 * The guest API: `GET /guest/session` (upgrade: the two-way protocol), `POST /guest/shell?cols=&rows=` (upgrade: a root
 * shell, its id in the header Berth-Shell), `POST /guest/shell/{id}/resize?cols=&rows=`, `GET /guest/shell/{id}/wait`,
 * `GET /guest/files/{id}` (upgrade: the host's answer to 'files.serve').
 */
export interface GuestServer extends HostLink, AsyncDisposable {
  /** Serves a stream that came in over a link. */
  accept(stream: Duplex): void;
  /** Serves a unix socket, readable by its owner only. */
  listen(socketPath: string): Promise<void>;
}

export function createGuestServer(options: GuestServerOptions): GuestServer {
  const sessions = new HostSessions(options.services);
  const shells = new Shells();
  const server = createServer((request, response) => void answer(shells, request, response));
  server.requestTimeout = 0;
  server.on('upgrade', (request, stream, head) => {
    if (head.length > 0) stream.unshift(head);
    upgrade({ sessions, shells, filesFor: options.filesFor, request, stream });
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return {
    host: sessions.host,
    get connected() {
      return sessions.connected;
    },
    whenConnected: (signal) => sessions.whenConnected(signal),
    accept: (stream) => void server.emit('connection', stream),
    listen: (socketPath) => listen(server, socketPath),
    [Symbol.asyncDispose]: () => close(server, sessions),
  };
}

interface Upgrade extends Pick<GuestServerOptions, 'filesFor'> {
  sessions: HostSessions;
  shells: Shells;
  request: IncomingMessage;
  stream: Duplex;
}

function upgrade({ sessions, shells, filesFor, request, stream }: Upgrade): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://guest');
  stream.on('error', () => stream.destroy());
  request.resume();
  try {
    if (request.method === 'GET' && pathname === sessionPath) {
      switchProtocols(stream, { Upgrade: sessionUpgrade });
      sessions.accept(stream);
    } else if (request.method === 'POST' && pathname === '/guest/shell') {
      const shell = shells.open(sizeOf(searchParams));
      switchProtocols(stream, { Upgrade: 'berth-shell', 'Berth-Shell': shell.id });
      void shell.serve(stream);
    } else {
      const take = pathname.startsWith(filesPath) ? filesFor?.(pathname.slice(filesPath.length)) : undefined;
      if (!take) throw new NotFoundError('page not found');
      switchProtocols(stream, { Upgrade: filesUpgrade });
      take(stream);
    }
  } catch (error) {
    const body = JSON.stringify({ message: (error as Error).message });
    stream.end(
      `HTTP/1.1 ${statusOf(error)} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
}

function switchProtocols(stream: Duplex, headers: Record<string, string>): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  stream.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n${lines.join('')}\r\n`);
}

async function answer(shells: Shells, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume();
  try {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://guest');
    const [, id, verb] = /^\/guest\/shell\/([^/]+)\/(resize|wait)$/.exec(pathname) ?? [];
    if (id === undefined) throw new NotFoundError('page not found');
    const shell = shells.get(id);
    if (verb === 'resize') await shell.resize(sizeOf(searchParams));
    sendJson(response, { status: 200, body: verb === 'wait' ? { exitCode: await shell.exitCode } : {} });
  } catch (error) {
    sendJson(response, { status: statusOf(error), body: { message: (error as Error).message } });
  }
}

function sendJson(response: ServerResponse, { status, body }: { status: number; body: object }): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function sizeOf(query: URLSearchParams): TerminalSize {
  const [cols, rows] = [Number(query.get('cols') ?? 80), Number(query.get('rows') ?? 24)];
  const fits = (value: number) => Number.isInteger(value) && value > 0 && value <= 10_000;
  if (!fits(cols) || !fits(rows)) throw new InvalidParameterError('cols and rows must be from 1 to 10000');
  return { cols, rows };
}

async function listen(server: Server, socketPath: string): Promise<void> {
  await rm(socketPath, { force: true });
  server.listen(socketPath);
  await once(server, 'listening');
  await chmod(socketPath, 0o600);
}

async function close(server: Server, sessions: HostSessions): Promise<void> {
  sessions[Symbol.dispose]();
  server.closeAllConnections();
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}
