import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { HostServices } from '../api/guest/protocol.ts';

const openTimeoutMs = 15_000;

/** Streams on which the host serves files: asked for by one way, they come by another. */
export class FileStreams {
  readonly #waiting = new Map<string, (stream: Duplex) => void>();

  /** Rejects with the host's reason, or when it does not come in time. */
  async open(host: HostServices, share: string): Promise<Duplex> {
    const id = randomUUID();
    const came = Promise.withResolvers<Duplex>();
    const timer = setTimeout(() => came.reject(new Error('the host did not open a stream for files')), openTimeoutMs);
    this.#waiting.set(id, came.resolve);
    try {
      const asked = host['files.serve']({ share, stream: id });
      // The stream may be there before the answer, and a refusal instead of it.
      const [stream] = await Promise.all([came.promise, asked.catch((error: Error) => came.reject(error))]);
      return stream;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Who waits for the stream of this id. */
  waitingFor(id: string): ((stream: Duplex) => void) | undefined {
    return this.#waiting.get(id);
  }
}
