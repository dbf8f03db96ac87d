import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Joins a stream of the link and a socket, half-close and back-pressure included. When either breaks, so does the other. */
export function splice(stream: Duplex, socket: Socket): void {
  carry(stream, socket, () => socket.resetAndDestroy());
  carry(socket, stream, () => stream.destroy());
}

function carry(from: Duplex, to: Duplex, breakOff: () => void): void {
  from.on('error', () => undefined);
  from.pipe(to);
  from.once('close', () => {
    if (!from.readableEnded || !from.writableFinished) breakOff();
  });
}
