import type { Duplex, Writable } from 'node:stream';
import { frameHeader } from '../../api/stdcopy.ts';
import type { OutputSink } from './output-hub.ts';

export interface SinkOptions {
  /** Docker's 8-byte headers; a terminal's output goes without. */
  framed: boolean;
  stdout: boolean;
  stderr: boolean;
}

/** Sends output to a client, at the client's pace; a client that has left no longer holds anything up. */
export function streamSink(socket: Duplex, options: SinkOptions): OutputSink {
  return {
    write(stream, chunk) {
      if (!options[stream] || socket.destroyed || socket.writableEnded) return undefined;
      if (options.framed) {
        socket.cork();
        socket.write(frameHeader(stream, chunk.length));
      }
      const flowing = socket.write(chunk);
      if (options.framed) socket.uncork();
      return flowing ? undefined : drained(socket);
    },
  };
}

/** When there is room again, or nobody reads any more. */
export function drained(socket: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      socket.off('drain', settle).off('close', settle);
      resolve();
    };
    socket.on('drain', settle).on('close', settle);
  });
}
