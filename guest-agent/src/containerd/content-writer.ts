import type { ClientDuplexStream } from '@grpc/grpc-js';
import { UnavailableError } from '../api/errors.ts';
import type { CallOptions, Service } from './call.ts';
import { AlreadyExistsError, toEngineError } from './errors.ts';
import {
  WriteAction,
  WriteContentRequest,
  type ContentDefinition,
  type WriteContentResponse,
} from '../gen/containerd/services/content.ts';

export interface OpenWriter {
  /** Names the upload; one writer at a time. */
  ref: string;
  /** Size in bytes, checked at commit; 0 or absent: unknown. */
  total?: number;
  /** Digest, checked at commit; absent: whatever comes. */
  expected?: string;
}

export interface CommitContent {
  expected?: string;
  /** Size in bytes; 0 or absent: unchecked. */
  total?: number;
  labels?: Record<string, string>;
}

/** Disposing without {@link commit} keeps what was written, for a later writer of the same ref. */
export interface ContentWriter extends AsyncDisposable {
  /** Bytes stored so far: more than 0 at first when an earlier upload is being continued. */
  readonly offset: number;
  /** Resolves as soon as more may be written: up to a few megabytes are on their way at a time. */
  write(chunk: Uint8Array): Promise<void>;
  /** Forgets what was written. */
  restart(): void;
  /**
   * Answers the digest. A blob that was there already counts as success if `expected` was given, here or at opening.
   * FailedPreconditionError when size or digest differ.
   */
  commit(commit?: CommitContent): Promise<string>;
}

type Stream = ClientDuplexStream<Buffer, WriteContentResponse>;

const messageBytes = 128 * 1024;
const messagesInFlight = 3;
/** The rest of a message: the upload's name and numbers. */
const maxRequestBytes = 1024;

/** Undefined when the expected blob exists. */
export async function openWriter(
  content: Service<typeof ContentDefinition>,
  upload: OpenWriter,
  options: CallOptions = {},
): Promise<ContentWriter | undefined> {
  options.signal?.throwIfAborted();
  const exchange = new Exchange(content.duplex('write', options), options.signal);
  try {
    const status = await exchange.send({ action: WriteAction.STAT, ...upload });
    return new StreamWriter(exchange, { ...upload, offset: status.offset });
  } catch (error) {
    await exchange[Symbol.asyncDispose]();
    if (error instanceof AlreadyExistsError) return undefined;
    throw error;
  }
}

/** Requests and their answers, which come in the same order. */
class Exchange implements AsyncDisposable {
  readonly #stream: Stream;
  readonly #waiting: PromiseWithResolvers<WriteContentResponse>[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #failure: unknown;

  constructor(stream: Stream, signal: AbortSignal | undefined) {
    this.#stream = stream;
    const cancel = () => stream.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    stream.on('data', (response: WriteContentResponse) => this.#waiting.shift()?.resolve(response));
    stream.on('error', (error) => this.#end(toEngineError(error, signal)));
    stream.on('end', () => this.#end(new UnavailableError('containerd closed the upload')));
    stream.on('status', () => signal?.removeEventListener('abort', cancel));
  }

  get inFlight(): number {
    return this.#waiting.length;
  }

  send(request: Partial<WriteContentRequest>): Promise<WriteContentResponse> {
    return this.sendMessage(Buffer.from(WriteContentRequest.encode(WriteContentRequest.fromPartial(request)).finish()));
  }

  /** The message's memory is free again when its answer has come. */
  sendMessage(message: Buffer): Promise<WriteContentResponse> {
    const answer = Promise.withResolvers<WriteContentResponse>();
    // Looked at when its turn comes; until then a failure must not count as unhandled.
    answer.promise.catch(() => {});
    if (this.#failure) answer.reject(this.#failure);
    else {
      this.#waiting.push(answer);
      this.#stream.write(message);
    }
    return answer.promise;
  }

  /** containerd frees the ref once it has seen the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.end();
    await this.#ended.promise;
  }

  #end(error: unknown) {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
    this.#ended.resolve();
  }
}

class StreamWriter implements ContentWriter {
  readonly #exchange: Exchange;
  readonly #upload: OpenWriter;
  #offset: number;
  #sentOffset: number;
  #chunks: Uint8Array[] = [];
  readonly #sent: Array<{ answer: Promise<WriteContentResponse>; memory: Buffer }> = [];
  #spare: Buffer[] = [];

  constructor(exchange: Exchange, upload: OpenWriter & { offset: number }) {
    this.#exchange = exchange;
    this.#upload = upload;
    this.#offset = upload.offset;
    this.#sentOffset = upload.offset;
  }

  get offset(): number {
    return this.#offset;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let start = 0; start < chunk.length; start += messageBytes) {
      this.#chunks.push(chunk.subarray(start, start + messageBytes));
      this.#offset += this.#chunks.at(-1)!.length;
      if (this.#offset - this.#sentOffset >= messageBytes) await this.#flush();
    }
  }

  restart(): void {
    this.#chunks = [];
    this.#offset = 0;
    this.#sentOffset = 0;
  }

  async commit(commit: CommitContent = {}): Promise<string> {
    await this.#flush();
    await Promise.all(this.#sent.map(({ answer }) => answer));
    const expected = commit.expected ?? this.#upload.expected ?? '';
    const total = commit.total ?? this.#upload.total ?? 0;
    try {
      const labels = commit.labels ?? {};
      const request = { action: WriteAction.COMMIT, ref: this.#upload.ref, offset: this.#offset };
      return (await this.#exchange.send({ ...request, expected, total, labels })).digest;
    } catch (error) {
      if (error instanceof AlreadyExistsError && expected) return expected;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#exchange[Symbol.asyncDispose]();
  }

  async #flush(): Promise<void> {
    if (this.#chunks.length === 0) return;
    const chunks = this.#chunks.splice(0);
    const request = { action: WriteAction.WRITE, ref: this.#upload.ref, offset: this.#sentOffset };
    this.#sentOffset = this.#offset;
    const memory = this.#spare.pop() ?? Buffer.allocUnsafeSlow(2 * messageBytes + maxRequestBytes);
    this.#sent.push({ answer: this.#exchange.sendMessage(encode(request, { chunks, memory })), memory });
    if (this.#sent.length < messagesInFlight) return;
    const oldest = this.#sent.shift();
    await oldest?.answer;
    if (oldest) this.#spare.push(oldest.memory);
  }
}

const dataField = (6 << 3) | 2;

/** The message with its chunks put where `data` goes, copied once; in `memory` where that is large enough. */
function encode(
  request: Partial<WriteContentRequest>,
  { chunks, memory }: { chunks: Uint8Array[]; memory: Buffer },
): Buffer {
  const head = WriteContentRequest.encode(WriteContentRequest.fromPartial(request)).finish();
  const length = chunks.reduce((sum, { length: bytes }) => sum + bytes, 0);
  const parts = [head, Buffer.from([dataField, ...varint(length)]), ...chunks];
  const total = parts.reduce((sum, { length: bytes }) => sum + bytes, 0);
  if (total > memory.length) return Buffer.concat(parts, total);
  let end = 0;
  for (const part of parts) {
    memory.set(part, end);
    end += part.length;
  }
  return memory.subarray(0, total);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}
