import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Joins two byte streams: what one sends the other gets, with back-pressure, and the end of one direction leaves the
 * other open. When either breaks, both are cut. Resolves when both are closed; never rejects.
 */
export function splice(a: Duplex, b: Duplex): Promise<void> {
  carry(a, b);
  carry(b, a);
  return Promise.all([closed(a), closed(b)]).then(() => undefined);
}

function carry(from: Duplex, to: Duplex): void {
  from.pipe(to);
  from.once('error', () => cut(to));
  from.once('close', () => {
    if (!from.readableEnded || !from.writableFinished) cut(to);
  });
}

/** What was cut off must not look like an end: TCP peers get a reset. */
function cut(stream: Duplex): void {
  if (stream instanceof Socket && stream.remoteFamily !== undefined && !stream.destroyed) stream.resetAndDestroy();
  else stream.destroy();
}

function closed(stream: Duplex): Promise<void> {
  return new Promise((resolve) => (stream.closed ? resolve() : stream.once('close', () => resolve())));
}
