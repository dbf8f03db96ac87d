import { closeSync } from 'node:fs';
import { Socket } from 'node:net';

/** What is read goes into the buffer that is given for it, and has to be taken out of it at once. */
export interface PolledReads {
  buffer: Buffer;
  onRead: (bytes: Buffer) => void;
  /** The descriptor stays open until this resolves, for what else uses it. */
  unused?: () => Promise<unknown>;
}

interface PipeHandle {
  close(done: () => void): void;
  open(fd: number): number;
}

interface PipeBinding {
  Pipe: new (type: number) => PipeHandle;
  constants: { SOCKET: number };
}

/**
 * A character device that can be polled, as a socket that owns its descriptor. Node has no public way to wait on one: its
 * sockets look at what a descriptor is and take none but pipes and sockets. Its handle for pipes takes whatever can be
 * polled, and the guest's Node comes with the image: whether it still does is tested with every one that is put there.
 */
export function pollDevice(fd: number, { buffer, onRead, unused }: PolledReads): Socket {
  const { Pipe, constants } = (process as unknown as { binding(name: 'pipe_wrap'): PipeBinding }).binding('pipe_wrap');
  const handle = new Pipe(constants.SOCKET);
  const failed = handle.open(fd);
  if (failed !== 0) {
    closeSync(fd);
    throw new Error(`the device cannot be polled (${failed})`);
  }
  const close = handle.close.bind(handle);
  if (unused) handle.close = (done) => void unused().finally(() => close(done));
  const take = (length: number) => {
    onRead(buffer.subarray(0, length));
    return true;
  };
  const options: object = { handle, onread: { buffer, callback: take } };
  return new Socket(options);
}
