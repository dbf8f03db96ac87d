import { once } from 'node:events';
import http2, {
  constants,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { connectControl, windowBytes } from './connect-control.ts';
import { frame, onlyMessage } from './grpc-frames.ts';
import { exporterResponse, rewriteSolve } from './rewrite-solve.ts';

const solvePath = '/moby.buildkit.v1.Control/Solve';
const mostSolveBytes = 64 * 1024 * 1024;

export interface ForwardControl {
  /** Speaks HTTP/2 from its first byte on. */
  client: Duplex;
  /** buildkitd's. */
  socket: string;
  /** Told what each build that succeeds has made (SolveResponse's ExporterResponse). */
  solved: (result: Record<string, string>) => void;
}

/** BuildKit's control API for a client, until it leaves; what Docker adds to that API is translated. */
export async function forwardControl({ client, socket, solved }: ForwardControl): Promise<void> {
  const upstream = connectControl(socket);
  const server = http2.performServerHandshake(client, { settings: { initialWindowSize: windowBytes } });
  server.setLocalWindowSize(windowBytes);
  const close = () => {
    upstream.destroy();
    server.destroy();
  };
  upstream.on('error', close).on('close', close);
  server.on('error', close);
  server.on('stream', (...[stream, , , raw]) => {
    void forwardCall({ stream, headers: separate(raw), upstream, solved });
  });
  if (!server.closed && !server.destroyed) await once(server, 'close').catch(() => undefined);
  close();
}

interface Call {
  stream: ServerHttp2Stream;
  headers: IncomingHttpHeaders;
  upstream: ClientHttp2Session;
  solved: ForwardControl['solved'];
}

/** gRPC's metadata may have a name more than once, and the values stay apart. */
function separate(raw: readonly string[]): IncomingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const [name = '', value = ''] = raw.slice(index, index + 2);
    headers[name] = name in headers ? [headers[name] ?? [], value].flat() : value;
  }
  return headers;
}

async function forwardCall({ stream, headers, upstream, solved }: Call): Promise<void> {
  stream.on('error', () => undefined);
  if (upstream.destroyed) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
  const call = upstream.request(headers, { endStream: false });
  call.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  stream.once('close', () => call.close(constants.NGHTTP2_CANCEL));
  let trailers: IncomingHttpHeaders = {};
  call.once('trailers', (received) => (trailers = received));
  const isSolve = headers[':path'] === solvePath;
  const answer: Buffer[] = [];
  if (isSolve) call.on('data', (chunk: Buffer) => answer.push(chunk));
  call.once('response', (received, flags) => {
    // A call that fails at once has no body: what would be its trailers are its headers.
    const isOver = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    if (stream.destroyed) return;
    stream.respond(received, isOver ? { endStream: true } : { waitForTrailers: true });
    if (!isOver) call.pipe(stream);
  });
  stream.once('wantTrailers', () => {
    if (isSolve && trailers['grpc-status'] === '0') report(Buffer.concat(answer), solved);
    stream.sendTrailers(trailers);
  });
  if (isSolve) await sendRewritten(stream, call);
  else stream.pipe(call);
}

async function sendRewritten(stream: ServerHttp2Stream, call: http2.ClientHttp2Stream): Promise<void> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > mostSolveBytes) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
    }
    const whole = Buffer.concat(chunks);
    const message = onlyMessage(whole);
    call.end(message === null ? whole : frame(rewriteSolve(message)));
  } catch (error) {
    refuse(stream, error as Error);
  }
}

const invalidArgument = '3';

/** What cannot be understood is not passed on. */
function refuse(stream: ServerHttp2Stream, { message }: Error): void {
  if (stream.destroyed || stream.headersSent) return;
  const status = { 'grpc-status': invalidArgument, 'grpc-message': encodeURIComponent(message) };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
}

function report(answer: Buffer, solved: ForwardControl['solved']): void {
  const message = onlyMessage(answer);
  if (message !== null) solved(exporterResponse(message));
}
