export type StreamName = 'stdout' | 'stderr';

/**
 * Takes a process's output. An answer other than undefined makes the hub wait before it reads on, so that the slowest
 * reader sets the pace and nothing piles up in memory; it must settle when the sink is closed, too.
 */
export interface OutputSink {
  write(stream: StreamName, chunk: Buffer): Promise<void> | undefined;
}

/** Where the output pauses and goes on: the FIFO sockets. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/** Sends what a process writes to its log and to everybody attached. */
export class OutputHub {
  readonly #sinks = new Set<OutputSink>();
  readonly #sources: Pausable[] = [];
  #waiting = 0;

  addSource(source: Pausable): void {
    this.#sources.push(source);
  }

  /** A sink makes the process wait. */
  get isHeld(): boolean {
    return this.#waiting > 0;
  }

  /** The answer takes the sink off again. */
  subscribe(sink: OutputSink): () => void {
    this.#sinks.add(sink);
    return () => this.#sinks.delete(sink);
  }

  emit(stream: StreamName, chunk: Buffer): void {
    for (const sink of [...this.#sinks]) {
      const wait = sink.write(stream, chunk);
      if (wait) this.#holdUntil(wait);
    }
  }

  #holdUntil(wait: Promise<void>): void {
    if (this.#waiting++ === 0) for (const source of this.#sources) source.pause();
    const release = () => {
      if (--this.#waiting === 0) for (const source of this.#sources) source.resume();
    };
    wait.then(release, release);
  }
}
