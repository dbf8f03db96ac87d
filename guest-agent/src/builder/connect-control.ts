import http2, { type ClientHttp2Session } from 'node:http2';
import net from 'node:net';

/** What may be under way at a time: contexts and results are large, and the other end is near. */
export const windowBytes: number = 4 * 1024 * 1024;

/** HTTP/2 to buildkitd's socket, as gRPC speaks it; for calls with a lot of data. */
export function connectControl(socket: string): ClientHttp2Session {
  const session = http2.connect('http://localhost', {
    createConnection: () => net.connect(socket),
    settings: { initialWindowSize: windowBytes, enablePush: false },
  });
  session.once('connect', () => {
    // Whoever asked may have left meanwhile.
    if (!session.destroyed) session.setLocalWindowSize(windowBytes);
  });
  return session;
}
