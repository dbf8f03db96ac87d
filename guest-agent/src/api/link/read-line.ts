import type { Duplex } from 'node:stream';

const lineFeed = 10;

/** The far end said something that is no line, or nothing at all. */
export class LineError extends Error {
  override readonly name = 'LineError';
}

/**
 * Reads up to the first line feed and leaves what follows in the stream. Rejects with {@link LineError} when more than
 * `maxBytes` come without one, when the stream ends before, or when `signal` aborts; then the stream is of no use.
 */
export function readLine(stream: Duplex, options: { maxBytes: number; signal: AbortSignal }): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let seen = Buffer.alloc(0);
  // Listeners go before bytes are put back: those would be announced to them again.
  const stop = () => {
    options.signal.removeEventListener('abort', onAbort);
    for (const [event, listener] of listeners) stream.removeListener(event, listener);
  };
  const failing = (why: string) => () => {
    stop();
    reject(new LineError(why));
  };
  const onAbort = failing('no answer in time');
  const tooLong = failing('the line is too long');
  const onReadable = () => {
    for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null) {
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf(lineFeed);
      if (end > options.maxBytes || (end === -1 && seen.length > options.maxBytes)) return tooLong();
      if (end === -1) continue;
      stop();
      if (seen.length > end + 1) stream.unshift(seen.subarray(end + 1));
      return resolve(seen.toString('latin1', 0, end));
    }
  };
  const listeners: [string, () => void][] = [
    ['readable', onReadable],
    ['end', failing('the far end closed the stream')],
    ['close', failing('the stream was closed')],
    ['error', failing('the stream broke')],
  ];
  options.signal.addEventListener('abort', onAbort);
  for (const [event, listener] of listeners) stream.on(event, listener);
  if (options.signal.aborted) onAbort();
  return promise;
}
