import type { Duplex } from 'node:stream';
import { DetachKeys } from './detach-keys.ts';
import type { ProcessStreams } from './process-streams.ts';

export interface InputOptions {
  socket: Duplex;
  streams: Pick<ProcessStreams, 'stdin' | 'closeStdin'>;
  /** null: no key sequence ends the attachment. */
  detachKeys: Buffer | null;
  /** The process reads end-of-file when this client has sent all it has. */
  closeOnEnd: boolean;
  /** Tells containerd's shim to let go of its own end. */
  closeStdin: () => Promise<void>;
}

/** Copies a client's input to the process. Settles with true when the client typed the detach keys, otherwise never. */
export function connectInput(options: InputOptions): Promise<boolean> {
  const { socket, streams } = options;
  const keys = options.detachKeys && options.detachKeys.length > 0 ? new DetachKeys(options.detachKeys) : null;
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      const { input, detached } = keys?.push(chunk) ?? { input: chunk, detached: false };
      const { stdin } = streams;
      if (input.length > 0 && stdin && !stdin.write(input)) pauseUntilDrained(socket, stdin);
      if (detached) resolve(true);
    });
    const ended = () => {
      if (options.closeOnEnd) finishInput(options);
    };
    // A client that sends nothing may have ended its side before anybody listened, and 'end' is emitted only once.
    if (socket.readableEnded) ended();
    else socket.once('end', ended);
  });
}

function pauseUntilDrained(source: Duplex, target: Duplex): void {
  source.pause();
  const resume = () => {
    target.off('drain', resume).off('close', resume);
    source.resume();
  };
  target.on('drain', resume).on('close', resume);
}

/** End-of-file once everything before it has been written. */
export function finishInput({ streams, closeStdin }: Pick<InputOptions, 'streams' | 'closeStdin'>): void {
  const { stdin } = streams;
  if (!stdin) return;
  stdin.write('', () => {
    streams.closeStdin();
    // The process may have ended on its own meanwhile; then there is nothing to close.
    closeStdin().catch(() => undefined);
  });
}
