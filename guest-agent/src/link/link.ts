import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { serveDatagrams } from '../api/link/datagrams.ts';
import { LinkMux, type LinkAcceptor } from '../api/link/mux.ts';
import type { LinkConfig } from '../api/link/target.ts';
import { servePort } from './port.ts';
import { splice } from './splice.ts';
import { connectTarget } from './target.ts';

/** Who gets the streams that end in this process. They own them from then on. */
export interface LinkHandlers {
  engine: (stream: Duplex) => void;
  guest: (stream: Duplex) => void;
}

/**
 * Serves the daemon over one pipe. Many streams share it; each is handed to its target. Where the pipe ends, the next one
 * takes its place. Disposing ends every stream.
 */
export async function startLink(config: object, handlers: LinkHandlers): Promise<AsyncDisposable> {
  const link = config as Partial<LinkConfig>;
  const mux = new LinkMux({ accept: (target) => accept(target, handlers) });
  if (link.kind === 'relay' && link.socket !== undefined) return await serveRelays(link.socket, mux);
  if (link.kind === 'port' && link.name !== undefined) return servePort(link.name, mux);
  throw new Error("link: must be {kind: 'relay', socket: path} or {kind: 'port', name: name}");
}

/** A relay is a process that carries bytes between the host and this socket; one that connects anew replaces the one before. */
async function serveRelays(socket: string, mux: LinkMux): Promise<AsyncDisposable> {
  const server = createServer((relay) => mux.attach(relay));
  await listen(server, socket);
  return { [Symbol.asyncDispose]: () => close(server, mux) };
}

async function accept(target: Parameters<LinkAcceptor>[0], handlers: LinkHandlers): ReturnType<LinkAcceptor> {
  if (target.kind === 'engine') return { status: 'ok', serve: handlers.engine };
  if (target.kind === 'guest') return { status: 'ok', serve: handlers.guest };
  if (target.kind === 'udp') return { status: 'ok', serve: (stream) => serveDatagrams(stream, target) };
  const far = await connectTarget(target);
  if (typeof far === 'string') return { status: far };
  return { status: 'ok', serve: (stream) => splice(stream, far), decline: () => far.destroy() };
}

async function listen(server: Server, path: string): Promise<void> {
  await rm(path, { force: true });
  server.listen(path);
  await once(server, 'listening');
  await chmod(path, 0o600);
}

async function close(server: Server, mux: LinkMux): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  mux[Symbol.dispose]();
  await closed;
}
