import type { Vertex as SentVertex, VertexLog } from '../gen/buildkit/control.ts';
import { StringDecoder } from 'node:string_decoder';

/** BuildKit's progress, as far as it is shown. */
export interface SolveStatus {
  vertexes: readonly Vertex[];
  logs: readonly VertexLog[];
}

type Vertex = Pick<SentVertex, 'digest' | 'name' | 'cached' | 'error'> & { started?: object | undefined };

export type WriteStream = (message: { stream: string }) => void;

/** `[build 2/4] RUN make`: the steps that stand in the Dockerfile; everything else is BuildKit's own. */
const stepName = /^\[(?:[^\]]* )?\d+\/\d+\] (.*)$/s;
const standardError = 2;

/** Turns BuildKit's progress into the lines that clients of the classic builder read. */
export class BuildProgress {
  readonly #write: WriteStream;
  readonly #steps = new Map<string, string>();
  readonly #shown = new Set<string>();
  readonly #failed = new Set<string>();
  readonly #decoders = new Map<string, StringDecoder>();

  constructor(write: WriteStream) {
    this.#write = write;
  }

  accept({ vertexes, logs }: SolveStatus): void {
    for (const { digest, name } of vertexes) {
      const command = stepName.exec(name)?.[1];
      if (command !== undefined) this.#steps.set(digest, shortened(command));
    }
    for (const vertex of vertexes) this.#show(vertex);
    for (const { digest, error } of vertexes) if (error !== '') this.#failed.add(digest);
    for (const log of logs) this.#log(log);
  }

  /** The copying instruction that failed; what it is based on counts as failed with it. undefined: none has. */
  get failedCopy(): string | undefined {
    const instructions = [...this.#failed].map((digest) => this.#steps.get(digest)?.split(' ')[0]?.toUpperCase());
    return instructions.find((instruction) => instruction === 'COPY' || instruction === 'ADD');
  }

  #show({ digest, started, cached }: Vertex): void {
    const command = this.#steps.get(digest);
    if (command === undefined || !started || this.#shown.has(digest)) return;
    this.#shown.add(digest);
    this.#write({ stream: `Step ${this.#shown.size}/${this.#steps.size} : ${command}` });
    this.#write({ stream: '\n' });
    if (cached) this.#write({ stream: ' ---> Using cache\n' });
  }

  /** Red is how dockerd marks standard error. */
  #log({ vertex, stream, msg }: VertexLog): void {
    const key = `${vertex}:${stream}`;
    let decoder = this.#decoders.get(key);
    if (!decoder) this.#decoders.set(key, (decoder = new StringDecoder('utf8')));
    const text = decoder.write(Buffer.from(msg));
    if (text === '') return;
    this.#write({ stream: stream === standardError ? `\u001b[91m${text}\u001b[0m` : text });
  }
}

/** `FROM docker.io/library/busybox:latest@sha256:…` as it was written. */
const shortened = (command: string): string =>
  command.replace(/^FROM (?:docker\.io\/(?:library\/)?)?([^@ ]+)@sha256:[0-9a-f]{64}/, 'FROM $1');
