import { once } from 'node:events';
import type { WebSocket } from 'ws';
import { unacknowledgedLimit } from '../../api/streams.ts';

/** WebSocket's close codes (RFC 6455, 7.4.1). */
const finished = 1000;
const failed = 1011;
/** A close reason may have 123 bytes. */
const reasonBytes = 120;

/** Sends what comes, a message at a time, and waits for the other side to acknowledge before it gets too far ahead. */
export async function streamOut(
  socket: WebSocket,
  open: (signal: AbortSignal) => AsyncIterable<object>,
): Promise<void> {
  const left = new AbortController();
  socket.once('close', () => left.abort());
  let unacknowledged = 0;
  // None in advance: what nobody has read would gather here.
  socket.on('message', () => (unacknowledged = Math.max(0, unacknowledged - 1)));
  try {
    for await (const message of open(left.signal)) {
      socket.send(JSON.stringify(message));
      unacknowledged += 1;
      while (unacknowledged >= unacknowledgedLimit) await once(socket, 'message', { signal: left.signal });
    }
    socket.close(finished);
  } catch (error) {
    if (!left.signal.aborted) socket.close(failed, shortened((error as Error).message));
  }
}

function shortened(text: string): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, reasonBytes)).replace(/\uFFFD$/, '');
}
