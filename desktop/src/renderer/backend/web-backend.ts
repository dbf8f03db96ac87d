import { acknowledgement, requestOf, streams, withQuery, type StreamMessage } from '@berth/daemon/api';
import type { Backend } from './backend.ts';

const normalClosure = 1000;
const unreachable = 'the daemon cannot be reached';

/** The control API below the page's own address. */
export const webBackend: Backend = {
  async call(name, request) {
    const { method, path, body } = requestOf(name, request);
    const answer = await fetch(`.${path}`, {
      method,
      ...(body !== null && { body, headers: { 'Content-Type': 'application/json' } }),
    }).catch(() => Promise.reject(new Error(unreachable)));
    const value = (await answer.json().catch(() => null)) as { message?: string } | null;
    if (answer.ok) return value as never;
    throw new Error(value?.message ?? `the daemon answered ${answer.status}`);
  },

  follow(stream, request, { onMessage, signal }) {
    const address = new URL(`.${withQuery(streams[stream], request)}`, location.href);
    address.protocol = 'ws:';
    const socket = new WebSocket(address);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const take = async (data: string) => {
      await onMessage(JSON.parse(data) as StreamMessage<typeof stream>);
      if (socket.readyState === WebSocket.OPEN) socket.send(acknowledgement);
    };
    socket.addEventListener('message', ({ data }) => void take(String(data)).catch(reject));
    socket.addEventListener('close', ({ code, reason }) => {
      if (signal.aborted || code === normalClosure) resolve();
      else reject(new Error(reason || unreachable));
    });
    signal.addEventListener('abort', () => socket.close(), { once: true });
    return promise;
  },
};
