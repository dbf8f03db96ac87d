import type { Duplex } from 'node:stream';
import { ConflictError } from '../api/index.ts';
import { containerEvent } from './container-events.ts';
import type { Container } from './container.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { formatLog } from './logs/format-log.ts';
import { openLogStream } from './logs/read-logs.ts';
import { connectInput } from './stdio/connect-input.ts';
import { drained, streamSink } from './stdio/stream-sink.ts';
import type { ProcessStreams } from './stdio/process-streams.ts';

export interface AttachOptions {
  /** First what was logged so far. */
  logs: boolean;
  /** Then what comes from now on. */
  stream: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  /** Docker's frames tell the two outputs apart; a terminal's output goes without. */
  framed: boolean;
  /** Keys that end the attachment on a terminal; null for Ctrl-P Ctrl-Q. */
  detachKeys: Buffer | null;
}

export function refuseAttach(container: Container): void {
  if (container.state.phase === 'paused') {
    throw new ConflictError(`container ${container.id} is paused, unpause the container before attach`);
  }
  if (container.state.phase === 'restarting') {
    throw new ConflictError(`container ${container.id} is restarting, wait until the container is running`);
  }
}

/** Copies between the client and the container until either leaves. The container may not have started yet. */
export async function attachContainer(
  deps: ContainerDependencies,
  container: Container,
  request: { options: AttachOptions; socket: Duplex },
): Promise<void> {
  const { options, socket } = request;
  const { Tty: terminal } = container.record.config;
  deps.events.publish(containerEvent(container, 'attach'));
  const left = new AbortController();
  socket.once('close', () => left.abort());
  socket.on('error', () => socket.destroy());
  try {
    if (options.logs) await replay(deps, container, { options, socket, signal: left.signal });
    if (!options.stream) return void socket.end();
    const streams = container.task?.streams ?? (await container.nextStreams(left.signal));
    await copy(deps, container, { streams, options, socket, terminal });
  } catch (error) {
    if (!left.signal.aborted) throw error;
  } finally {
    socket.end();
  }
}

async function replay(
  deps: ContainerDependencies,
  container: Container,
  { options, socket, signal }: { options: AttachOptions; socket: Duplex; signal: AbortSignal },
): Promise<void> {
  const query = {
    stdout: options.stdout,
    stderr: options.stderr,
    follow: false,
    tail: -1,
    sinceNs: null,
    untilNs: null,
  };
  const framed = options.framed && !container.record.config.Tty;
  for await (const entries of openLogStream(deps, container, { query, signal })) {
    const isFlowing = socket.write(formatLog(entries, { timestamps: false, details: false, framed }));
    if (!isFlowing && !socket.destroyed) await drained(socket);
  }
}

interface Copy {
  streams: ProcessStreams;
  options: AttachOptions;
  socket: Duplex;
  terminal: boolean;
}

async function copy(
  deps: ContainerDependencies,
  container: Container,
  { streams, options, socket, terminal }: Copy,
): Promise<void> {
  const sink = streamSink(socket, {
    framed: options.framed && !terminal,
    stdout: options.stdout,
    stderr: options.stderr,
  });
  const unsubscribe = streams.output.subscribe(sink);
  try {
    const gone = new Promise<void>((resolve) => socket.once('close', resolve));
    const input = options.stdin
      ? connectInput({
          socket,
          streams,
          detachKeys: terminal ? (options.detachKeys ?? defaultDetachKeys) : null,
          closeOnEnd: container.record.config.StdinOnce,
          closeStdin: () => deps.tasks.closeStdin({ containerId: container.id }),
        })
      : drain(socket);
    const detached = await Promise.race([streams.ended.then(() => false), gone.then(() => false), input]);
    if (detached) deps.events.publish(containerEvent(container, 'detach'));
  } finally {
    unsubscribe();
  }
}

/** Ctrl-P Ctrl-Q. */
export const defaultDetachKeys: Buffer = Buffer.from([16, 17]);

/** Reads and drops what a client without stdin sends, so that its leaving is noticed. Never settles. */
function drain(socket: Duplex): Promise<boolean> {
  socket.resume();
  return new Promise(() => undefined);
}
