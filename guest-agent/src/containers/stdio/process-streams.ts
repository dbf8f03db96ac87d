import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import path from 'node:path';
import type { TaskIo } from '../../containerd/tasks.ts';
import type { FifoPool } from './fifo-pool.ts';
import { OutputHub, type StreamName } from './output-hub.ts';

export interface StreamsRequest {
  /** Folder for the FIFOs, made if missing; one process, one prefix. */
  dir: string;
  prefix: string;
  terminal: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
}

/**
 * The agent's ends of a process's three streams. The other ends are containerd's shim's, which keeps them open while
 * no agent runs: a process blocks rather than loses output, and an agent that comes back opens them again.
 */
export class ProcessStreams implements AsyncDisposable {
  readonly io: TaskIo;
  readonly output = new OutputHub();
  /** Settles once both output streams have ended: everything that was written has been handed on. */
  readonly ended: Promise<void>;
  readonly #request: StreamsRequest;
  readonly #readers: Socket[] = [];
  #stdin: Socket | null = null;

  /** Makes the FIFOs and opens our ends. */
  static async create(request: StreamsRequest, pool: FifoPool): Promise<ProcessStreams> {
    mkdirSync(request.dir, { recursive: true, mode: 0o700 });
    const io = ioPaths(request);
    await Promise.all([io.stdin, io.stdout, io.stderr].filter((file) => file !== '').map((file) => pool.place(file)));
    return new ProcessStreams(request, io);
  }

  /** Opens the FIFOs of a process that an earlier agent started. */
  static reopen(request: StreamsRequest): ProcessStreams {
    return new ProcessStreams(request, ioPaths(request));
  }

  /** Streams of a process that is gone: ended, nothing to read or write. */
  static closed(): ProcessStreams {
    const nothing = { terminal: false, stdin: false, stdout: false, stderr: false };
    return ProcessStreams.reopen({ dir: '', prefix: '', ...nothing });
  }

  private constructor(request: StreamsRequest, io: TaskIo) {
    this.io = io;
    this.#request = request;
    const outputs: Promise<void>[] = [];
    if (io.stdout !== '') outputs.push(this.#read('stdout', io.stdout));
    if (io.stderr !== '') outputs.push(this.#read('stderr', io.stderr));
    this.ended = Promise.all(outputs).then(() => undefined);
    // Read and write, so that opening does not depend on the shim having opened its end.
    if (io.stdin !== '') this.#stdin = fifoSocket(io.stdin, constants.O_RDWR);
    this.#stdin?.on('error', () => this.closeStdin());
  }

  /** null once closed, or when the process has no stdin. */
  get stdin(): Socket | null {
    return this.#stdin;
  }

  /** Lets go of our end; the process reads end-of-file after the shim has let go of its own (Tasks.CloseIO). */
  closeStdin(): void {
    this.#stdin?.destroy();
    this.#stdin = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeStdin();
    for (const reader of this.#readers) reader.destroy();
    const { stdin, stdout, stderr } = this.io;
    await Promise.all([stdin, stdout, stderr].filter((file) => file !== '').map((file) => rm(file, { force: true })));
  }

  #read(stream: StreamName, file: string): Promise<void> {
    const socket = fifoSocket(file, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#readers.push(socket);
    this.output.addSource(socket);
    socket.on('data', (chunk: Buffer) => this.output.emit(stream, chunk));
    return new Promise((resolve) => socket.once('close', () => resolve()).once('error', () => resolve()));
  }
}

function ioPaths(request: StreamsRequest): TaskIo {
  const file = (name: string, wanted: boolean) => (wanted ? path.join(request.dir, `${request.prefix}-${name}`) : '');
  return {
    terminal: request.terminal,
    stdin: file('stdin', request.stdin),
    stdout: file('stdout', request.stdout),
    // A terminal has one output stream.
    stderr: file('stderr', request.stderr && !request.terminal),
  };
}

function fifoSocket(file: string, flags: number): Socket {
  const fd = openSync(file, flags);
  try {
    const writable = (flags & constants.O_RDWR) !== 0;
    return new Socket({ fd, readable: !writable, writable });
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
