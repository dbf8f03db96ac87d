import { setTimeout as sleep } from 'node:timers/promises';
import { SystemError, UnavailableError } from '../api/errors.ts';
import type { ContentWriter } from '../containerd/content.ts';
import { FailedPreconditionError } from '../containerd/errors.ts';
import type { ContentClient } from '../containerd/content.ts';
import type { OciDescriptor } from './oci.ts';
import type { PullSource } from './registry/mirrored-source.ts';
import { RegistryConnectionError } from './registry/registry-errors.ts';
import { Slots } from './slots.ts';

export interface DownloadsOptions {
  content: Pick<ContentClient, 'openWriter' | 'abort'>;
  /** daemon.json's max-concurrent-downloads. */
  maxConcurrent: number;
  /** daemon.json's max-download-attempts. */
  maxAttempts: number;
}

export interface FetchRequest {
  repository: Pick<PullSource, 'blob'>;
  descriptor: OciDescriptor;
  leaseId: string;
  /** Labels of the blob, once it is there. */
  labels: Record<string, string>;
  signal: AbortSignal;
}

/** A running download, of one caller or of many. */
export interface Download {
  /** Bytes fetched so far, those of earlier attempts included. */
  readonly offset: number;
  /** True when it turned out to be there. */
  readonly existed: boolean;
  /** Rejects with the caller's reason when the caller's signal fires; the download goes on for the others. */
  readonly finished: Promise<void>;
}

interface Shared {
  offset: number;
  existed: boolean;
  callers: number;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

const refTakenDelayMs = 50;
const refTakenAttempts = 40;

/** Blobs on their way from registries into the content store, each of them once however many want it. */
export class Downloads {
  readonly #content: DownloadsOptions['content'];
  readonly #slots: Slots;
  readonly #maxAttempts: number;
  readonly #running = new Map<string, Shared>();

  constructor({ content, maxConcurrent, maxAttempts }: DownloadsOptions) {
    this.#content = content;
    this.#slots = new Slots(maxConcurrent);
    this.#maxAttempts = maxAttempts;
  }

  /** What was fetched stays when the last caller leaves, and the next download goes on from there. */
  fetch(request: FetchRequest): Download {
    const { digest } = request.descriptor;
    const shared = this.#running.get(digest) ?? this.#start(digest, request);
    shared.callers++;
    const finished = this.#wait(shared, request.signal);
    finished.catch(() => {});
    return {
      get offset() {
        return shared.offset;
      },
      get existed() {
        return shared.existed;
      },
      finished,
    };
  }

  #start(digest: string, request: FetchRequest): Shared {
    const abort = new AbortController();
    const state = { offset: 0, existed: false, callers: 0, abort };
    const done = this.#download(state, { ...request, signal: abort.signal }).finally(() =>
      this.#running.delete(digest),
    );
    done.catch(() => {});
    const shared: Shared = Object.assign(state, { done });
    this.#running.set(digest, shared);
    return shared;
  }

  async #wait(shared: Shared, signal: AbortSignal): Promise<void> {
    const left = Promise.withResolvers<never>();
    const leave = () => left.reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    try {
      await Promise.race([shared.done, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      if (--shared.callers === 0) shared.abort.abort();
    }
  }

  async #download(state: Omit<Shared, 'done'>, request: FetchRequest): Promise<void> {
    using _slot = await this.#slots.take(request.signal);
    const { descriptor, labels } = request;
    await using writer = await this.#open(request);
    if (!writer) {
      state.existed = true;
      return;
    }
    if (writer.offset > descriptor.size) writer.restart();
    for (let attempt = 1; writer.offset < descriptor.size; attempt++) {
      const problem = await this.#attempt(state, request, writer);
      if (problem && attempt >= this.#maxAttempts) throw problem;
      if (problem) await sleep(2 ** attempt * 100, undefined, { signal: request.signal });
    }
    await this.#commit(writer, descriptor, labels);
  }

  /** Answers a failure that is worth another attempt. */
  async #attempt(state: { offset: number }, request: FetchRequest, writer: ContentWriter) {
    const { repository, descriptor, signal } = request;
    try {
      const { body, offset } = await repository.blob(descriptor, writer.offset, signal);
      if (offset !== writer.offset) writer.restart();
      for await (const chunk of body) {
        if (writer.offset + chunk.length > descriptor.size) {
          throw new SystemError(`${descriptor.digest} is longer than the ${descriptor.size} bytes announced`);
        }
        await writer.write(chunk);
        state.offset = writer.offset;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      return error;
    }
    if (writer.offset >= descriptor.size) return undefined;
    return new RegistryConnectionError(`${descriptor.digest}: unexpected EOF`);
  }

  async #commit(writer: ContentWriter, { digest, size }: OciDescriptor, labels: Record<string, string>): Promise<void> {
    try {
      await writer.commit({ expected: digest, total: size, labels });
    } catch (error) {
      if (!(error instanceof FailedPreconditionError)) throw error;
      await writer[Symbol.asyncDispose]();
      await this.#content.abort(refOf(digest));
      throw new SystemError(`failed commit on ref ${JSON.stringify(refOf(digest))}: ${error.message}`, {
        cause: error,
      });
    }
  }

  /** The writer before may still be on its way out. */
  async #open({ descriptor, leaseId, signal }: FetchRequest): Promise<ContentWriter | undefined> {
    const { digest, size } = descriptor;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#content.openWriter(
          { ref: refOf(digest), total: size, expected: digest },
          { leaseId, signal },
        );
      } catch (error) {
        if (!(error instanceof UnavailableError) || attempt === refTakenAttempts) throw error;
      }
      await sleep(refTakenDelayMs, undefined, { signal });
    }
  }
}

const refOf = (digest: string): string => `berth-layer-${digest}`;

/** Our own verdicts are final; what the network or containerd's stream did may go better next time. */
function isFinal(error: unknown): boolean {
  return error instanceof SystemError && !(error instanceof RegistryConnectionError);
}
