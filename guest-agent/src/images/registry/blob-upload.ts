import { setTimeout as sleep } from 'node:timers/promises';
import type { OciDescriptor } from '../oci.ts';
import type { Repository } from './client.ts';
import { startUpload } from './push-blob.ts';
import { readText } from './read-text.ts';
import { RegistryConnectionError } from './registry-errors.ts';
import type { RegistryRequest, RegistryResponse } from './transport.ts';

export interface BlobUploadOptions {
  repository: Repository;
  descriptor: OciDescriptor;
  /** Where the registry wants it, as {@link startUpload} answered. */
  location: URL;
  /** Some of the blob's bytes; each chunk is good only until the next one is asked for. */
  read: (range: { offset: number; length: number }) => AsyncIterable<Uint8Array>;
  /** How much of it has been sent; less than before when the registry has lost some. */
  onOffset: (bytes: number) => void;
  signal?: AbortSignal;
}

/** What may go better when the registry is asked how much it has. */
class BrokenUpload extends Error {
  readonly failure: unknown;
  constructor(failure: unknown) {
    super('the upload broke off');
    this.failure = failure;
  }
}

const chunkBytes = 16 * 1024 * 1024;
const maxFailures = 5;
const firstDelayMs = 200;
const statusTooLarge = 413;
/** Out of order, not where it should be, busy. */
const recoverable = new Set([408, 409, 416, 429]);

/**
 * Sends a blob in one request. Where the connection breaks, or the registry finds that too much at once, it is asked
 * how much it has, and gets the rest chunk by chunk; a registry that has forgotten the upload gets it from the start.
 */
export async function uploadBlob(options: BlobUploadOptions): Promise<void> {
  await new BlobUpload(options).send();
}

class BlobUpload {
  readonly #options: BlobUploadOptions;
  #location: URL;

  constructor(options: BlobUploadOptions) {
    this.#options = options;
    this.#location = options.location;
  }

  async send(): Promise<void> {
    try {
      await this.#finish(0);
    } catch (error) {
      if (!(error instanceof BrokenUpload)) throw error;
      await this.#goOn(error);
    }
  }

  /** Gives up after some failures between which nothing more arrived. */
  async #goOn(first: BrokenUpload): Promise<void> {
    const { descriptor, signal } = this.#options;
    let [problem, failures, furthest] = [first, 1, 0];
    while (failures < maxFailures) {
      await sleep(firstDelayMs * 2 ** (failures - 1), undefined, { signal });
      try {
        for (let offset = await this.#arrived(); ; offset = await this.#sendChunk(offset)) {
          if (offset > furthest) [furthest, failures] = [offset, 0];
          if (offset >= descriptor.size) return await this.#finish(offset);
        }
      } catch (error) {
        if (!(error instanceof BrokenUpload)) throw error;
        problem = error;
        failures++;
      }
    }
    throw problem.failure;
  }

  /** Ends the upload with whatever is behind `offset`. */
  async #finish(offset: number): Promise<void> {
    const { descriptor } = this.#options;
    const url = new URL(this.#location);
    url.searchParams.set('digest', descriptor.digest);
    const response = await this.#ask({ method: 'PUT', path: url, ...this.#part(offset, descriptor.size - offset) });
    if (response.status !== 201 && response.status !== 204) throw await this.#failure('PUT', response);
    await readText(response.body);
  }

  /** Answers how much the registry has then. */
  async #sendChunk(offset: number): Promise<number> {
    const length = Math.min(chunkBytes, this.#options.descriptor.size - offset);
    const { headers, body } = this.#part(offset, length);
    const range = { ...headers, 'Content-Range': `${offset}-${offset + length - 1}` };
    const response = await this.#ask({ method: 'PATCH', path: this.#location, headers: range, body });
    if (response.status !== 202) throw await this.#failure('PATCH', response);
    await readText(response.body);
    this.#follow(response);
    return endOf(response) ?? offset + length;
  }

  #part(offset: number, length: number): Pick<RegistryRequest, 'headers' | 'body'> {
    const { read, onOffset } = this.#options;
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(length) };
    if (length === 0) return { headers };
    return { headers, body: () => counted(read({ offset, length }), { offset, onOffset }) };
  }

  /** How much the registry has; a new upload where it does not know this one any more. */
  async #arrived(): Promise<number> {
    const { repository, descriptor, signal, onOffset } = this.#options;
    const response = await this.#ask({ method: 'GET', path: this.#location });
    await readText(response.body);
    let offset = 0;
    if (response.status === 204 || response.status === 202) {
      this.#follow(response);
      offset = Math.min(endOf(response) ?? 0, descriptor.size);
    } else {
      const opened = await startUpload(repository, { digest: descriptor.digest, from: undefined, signal });
      if (opened) this.#location = opened;
    }
    onOffset(offset);
    return offset;
  }

  #follow({ headers, url }: RegistryResponse): void {
    if (typeof headers.location === 'string') this.#location = new URL(headers.location, url);
  }

  async #ask(request: Omit<RegistryRequest, 'url'> & { path: URL }): Promise<RegistryResponse> {
    const { repository, signal } = this.#options;
    try {
      return await repository.send({ ...request, signal });
    } catch (error) {
      throw error instanceof RegistryConnectionError ? new BrokenUpload(error) : error;
    }
  }

  async #failure(method: string, response: RegistryResponse): Promise<unknown> {
    const { repository, descriptor } = this.#options;
    const { status } = response;
    const failure = await repository.failure(descriptor.digest, method, response);
    const mayRecover = recoverable.has(status) || status >= 500 || (status === statusTooLarge && method === 'PUT');
    return mayRecover ? new BrokenUpload(failure) : failure;
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  { offset, onOffset }: { offset: number; onOffset: (bytes: number) => void },
): AsyncGenerator<Uint8Array, void, void> {
  let sent = offset;
  for await (const chunk of chunks) {
    sent += chunk.length;
    onOffset(sent);
    yield chunk;
  }
}

/** `Range: 0-N`; registries that have nothing yet say 0-0. */
function endOf({ headers }: RegistryResponse): number | undefined {
  const last = Number(/^(?:bytes=)?0-(\d+)$/.exec(String(headers.range ?? ''))?.[1] ?? Number.NaN);
  return Number.isNaN(last) ? undefined : last === 0 ? 0 : last + 1;
}
