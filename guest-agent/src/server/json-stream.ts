import type { FastifyReply } from 'fastify';

/** Writes one message at once. Progress of a client that does not read is dropped, everything else is kept. */
export type WriteMessage = (message: object) => void;

export interface StreamJsonOptions {
  /** Failures before the first message, too, become a line of the stream instead of an answer with their status. */
  alwaysOk?: boolean;
}

/**
 * Docker's progress streams: one JSON document a line, CR LF behind each. A failure before the first message is
 * answered like any other; later it becomes the last line. `signal` fires when the client has gone.
 */
export async function streamJson(
  reply: FastifyReply,
  produce: (write: WriteMessage, signal: AbortSignal) => Promise<void>,
  options: StreamJsonOptions = {},
): Promise<void> {
  const { raw } = reply;
  const gone = new AbortController();
  const onClose = () => raw.writableFinished || gone.abort();
  raw.once('close', onClose);
  const write: WriteMessage = (message) => {
    if (raw.destroyed || (raw.writableNeedDrain && isProgress(message))) return;
    start(reply);
    raw.write(`${JSON.stringify(message)}\r\n`);
  };
  try {
    await produce(write, gone.signal);
  } catch (error) {
    if (!raw.headersSent && !options.alwaysOk && !gone.signal.aborted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    write({ errorDetail: { message }, error: message });
  } finally {
    raw.off('close', onClose);
  }
  start(reply);
  raw.end();
}

const isProgress = (message: object): boolean => 'progressDetail' in message && !('aux' in message);

function start(reply: FastifyReply): void {
  if (reply.raw.headersSent) return;
  reply.hijack();
  reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'Content-Type': 'application/json' });
  reply.raw.flushHeaders();
}
