import { WebSocket } from 'ws';
import { withQuery } from './operations.ts';
import { acknowledgement, streams, type StreamMessage, type StreamName, type StreamRequest } from './streams.ts';

export interface Following<Name extends StreamName> {
  /** Called in order. What it returns is waited for before many more are sent, not before the next one. */
  onMessage: (message: StreamMessage<Name>) => void | Promise<void>;
  signal: AbortSignal;
}

/** Follows a stream of the daemon on this socket; resolves when it has ended or the signal aborts, rejects when it breaks. */
export async function follow<Name extends StreamName>(
  socketPath: string,
  { stream, request }: { stream: Name; request: StreamRequest<Name> },
  { onMessage, signal }: Following<Name>,
): Promise<void> {
  if (signal.aborted) return;
  const socket = new WebSocket(`ws+unix://${socketPath}:${withQuery(streams[stream], request)}`);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const leave = () => socket.terminate();
  signal.addEventListener('abort', leave, { once: true });
  socket.on('error', (error) => (signal.aborted ? resolve() : reject(error)));
  socket.on('close', (code, reason) => {
    if (signal.aborted || code === 1000) resolve();
    else reject(new Error(reason.toString() || 'the daemon has ended the stream'));
  });
  const fail = (error: Error) => {
    reject(error);
    socket.terminate();
  };
  const take = async (data: Buffer) => {
    await onMessage(JSON.parse(data.toString()) as StreamMessage<Name>);
    socket.send(acknowledgement, () => undefined);
  };
  socket.on('message', (data: Buffer) => void take(data).catch(fail));
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
