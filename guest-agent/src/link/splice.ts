import type { Socket } from 'node:net';

/** Joins two sockets, half-close and back-pressure included. When either breaks, the other is reset. */
export function splice(a: Socket, b: Socket): void {
  carry(a, b);
  carry(b, a);
}

function carry(from: Socket, to: Socket): void {
  from.on('error', () => undefined);
  from.pipe(to);
  from.once('close', () => {
    if (!from.readableEnded || !from.writableFinished) to.resetAndDestroy();
  });
}
