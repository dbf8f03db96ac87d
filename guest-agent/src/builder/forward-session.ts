import { constants, type IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connectControl } from './connect-control.ts';
import { packBytes, unpackBytes } from './grpc-frames.ts';

export interface ForwardSession {
  /** On which the client serves files, secrets and the like to buildkitd. */
  client: Duplex;
  /** `x-docker-expose-session-…` of the request that opened it. */
  headers: Readonly<Record<string, string | string[]>>;
  socket: string;
}

/** Gives buildkitd the connection on which a client serves it, for as long as both want. */
export async function forwardSession({ client, headers, socket }: ForwardSession): Promise<void> {
  const upstream = connectControl(socket);
  upstream.on('error', () => client.destroy());
  try {
    const request: IncomingHttpHeaders = {
      ...{ ':method': 'POST', ':path': '/moby.buildkit.v1.Control/Session' },
      ...{ 'content-type': 'application/grpc', te: 'trailers', ...headers },
    };
    const call = upstream.request(request, { endStream: false });
    call.on('error', () => client.destroy());
    const up = pipeline(client, packBytes(), call, { end: true });
    const down = pipeline(call, unpackBytes(), client, { end: true });
    await Promise.allSettled([up, down]);
    call.close(constants.NGHTTP2_CANCEL);
  } finally {
    client.destroy();
    upstream.destroy();
  }
}
