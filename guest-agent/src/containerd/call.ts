import { Metadata, type Client, type ClientDuplexStream, type ClientReadableStream } from '@grpc/grpc-js';
import { toEngineError } from './errors.ts';

export interface CallOptions {
  /** Cancels the call; it then fails with the signal's reason. */
  signal?: AbortSignal;
  /** containerd's lease under which everything this call creates is kept from garbage collection. */
  leaseId?: string;
  /** Absent: no limit (the other end is on the same machine and answers or dies). */
  timeoutMs?: number;
  /** Fails at once with UnavailableError while the other end is away; otherwise the call waits for it to come back. */
  failFast?: boolean;
}

interface MessageType<T, P> {
  encode(message: T): { finish(): Uint8Array };
  decode(input: Uint8Array): T;
  fromPartial(partial: P): T;
}

export interface ServiceDefinition {
  fullName: string;
  methods: Record<string, { name: string; requestType: object; responseType: object }>;
}

type Methods<D extends ServiceDefinition> = D['methods'];
type PartialRequest<D extends ServiceDefinition, K extends keyof Methods<D>> =
  Methods<D>[K]['requestType'] extends MessageType<infer _, infer P> ? P : never;
type Request<D extends ServiceDefinition, K extends keyof Methods<D>> =
  Methods<D>[K]['requestType'] extends MessageType<infer T, infer _> ? T : never;
type Response<D extends ServiceDefinition, K extends keyof Methods<D>> =
  Methods<D>[K]['responseType'] extends MessageType<infer T, infer _> ? T : never;

/** One service on one channel. */
export class Service<D extends ServiceDefinition> {
  readonly #client: Client;
  readonly #always: Readonly<Record<string, string>>;
  readonly #definition: D;

  /** `metadata` goes with every call. */
  constructor(options: { client: Client; definition: D; metadata?: Readonly<Record<string, string>> }) {
    this.#client = options.client;
    this.#always = options.metadata ?? {};
    this.#definition = options.definition;
  }

  async unary<K extends keyof Methods<D> & string>(
    method: K,
    request: PartialRequest<D, K>,
    options: CallOptions = {},
  ): Promise<Response<D, K>> {
    options.signal?.throwIfAborted();
    const { path, encode, decode, fill } = this.#codec(method);
    const { promise, resolve, reject } = Promise.withResolvers<Response<D, K>>();
    const call = this.#client.makeUnaryRequest(
      path,
      encode,
      decode,
      fill(request),
      this.#metadata(options),
      deadline(options),
      (error, value) => (error ? reject(toEngineError(error, options.signal)) : resolve(value as Response<D, K>)),
    );
    return await cancelOnAbort(call, options.signal, promise);
  }

  /** Messages are fetched as they are consumed; leaving the loop early cancels the call. */
  async *serverStream<K extends keyof Methods<D> & string>(
    method: K,
    request: PartialRequest<D, K>,
    options: CallOptions = {},
  ): AsyncGenerator<Response<D, K>, void, void> {
    options.signal?.throwIfAborted();
    const { path, encode, decode, fill } = this.#codec(method);
    const call: ClientReadableStream<Response<D, K>> = this.#client.makeServerStreamRequest(
      path,
      encode,
      decode,
      fill(request),
      this.#metadata(options),
      deadline(options),
    );
    const cancel = () => call.cancel();
    options.signal?.addEventListener('abort', cancel, { once: true });
    try {
      for await (const message of call) yield message as Response<D, K>;
    } catch (error) {
      throw toEngineError(error, options.signal);
    } finally {
      options.signal?.removeEventListener('abort', cancel);
      call.on('error', ignore);
      call.cancel();
    }
  }

  /**
   * The raw two-way stream, taking messages that its owner has encoded (bulk data is worth saving a copy).
   * The owner also translates errors with {@link toEngineError} and ends it.
   */
  duplex<K extends keyof Methods<D> & string>(
    method: K,
    options: CallOptions = {},
  ): ClientDuplexStream<Buffer, Response<D, K>> {
    const { path, decode } = this.#codec(method);
    const asIs = (message: Buffer) => message;
    return this.#client.makeBidiStreamRequest(path, asIs, decode, this.#metadata(options), deadline(options));
  }

  #codec<K extends keyof Methods<D> & string>(key: K) {
    const method = this.#definition.methods[key] as Methods<D>[K];
    const requestType = method.requestType as MessageType<Request<D, K>, PartialRequest<D, K>>;
    const responseType = method.responseType as MessageType<Response<D, K>, unknown>;
    return {
      path: `/${this.#definition.fullName}/${method.name}`,
      fill: (partial: PartialRequest<D, K>) => requestType.fromPartial(partial),
      encode: (message: Request<D, K>) => asBuffer(requestType.encode(message).finish()),
      decode: (bytes: Buffer) => responseType.decode(bytes),
    };
  }

  #metadata({ leaseId, failFast = false }: CallOptions): Metadata {
    const metadata = new Metadata({ waitForReady: !failFast });
    for (const [name, value] of Object.entries(this.#always)) metadata.set(name, value);
    if (leaseId) metadata.set('containerd-lease', leaseId);
    return metadata;
  }
}

const ignore = () => {};

const deadline = ({ timeoutMs }: CallOptions) => (timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs });

/** The same memory, not a copy: content chunks pass through here. */
const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

async function cancelOnAbort<T>(call: { cancel(): void }, signal: AbortSignal | undefined, result: Promise<T>) {
  if (!signal) return await result;
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await result;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
