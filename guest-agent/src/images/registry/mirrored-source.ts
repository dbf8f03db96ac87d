import type { OciDescriptor } from '../oci.ts';
import { Schema1Error, type Repository } from './client.ts';
import { RegistryConnectionError, UnexpectedStatusError } from './registry-errors.ts';

/** What images are pulled from: a repository, or its mirrors with the repository behind them. */
export type PullSource = Pick<Repository, 'resolve' | 'manifest' | 'blob' | 'tags'>;

/** Asks the mirrors in their order, then the repository itself, whose verdict is the one that counts. */
export class MirroredSource implements PullSource {
  readonly #mirrors: Set<Repository>;
  readonly #origin: Repository;

  constructor(mirrors: readonly Repository[], origin: Repository) {
    this.#mirrors = new Set(mirrors);
    this.#origin = origin;
  }

  async resolve(reference: string, signal?: AbortSignal): Promise<OciDescriptor> {
    return await this.#first((source) => source.resolve(reference, signal), signal);
  }

  async manifest(descriptor: OciDescriptor, signal?: AbortSignal): Promise<Buffer> {
    return await this.#first((source) => source.manifest(descriptor, signal), signal);
  }

  async blob(
    descriptor: OciDescriptor,
    offset: number,
    signal?: AbortSignal,
  ): Promise<{ body: AsyncIterable<Buffer>; offset: number }> {
    return await this.#first((source) => source.blob(descriptor, offset, signal), signal);
  }

  async tags(signal?: AbortSignal): Promise<string[]> {
    return await this.#first((source) => source.tags(signal), signal);
  }

  async #first<T>(ask: (source: Repository) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    for (const mirror of this.#mirrors) {
      try {
        return await ask(mirror);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof Schema1Error) throw error;
        if (isOutOfOrder(error)) this.#mirrors.delete(mirror);
      }
    }
    return await ask(this.#origin);
  }
}

/** Such a mirror is not asked again in this pull: each time may take its whole timeout. */
const isOutOfOrder = (error: unknown): boolean =>
  error instanceof RegistryConnectionError || (error instanceof UnexpectedStatusError && error.status >= 500);
