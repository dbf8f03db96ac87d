import { UnavailableError } from '../api/errors.ts';
import type { CallOptions, Service } from './call.ts';
import type { ContentFiles } from './content-files.ts';
import type { ContentDefinition } from '../gen/containerd/services/content.ts';

export interface LargeBlob {
  digest: string;
  /** Where to begin; 0 if absent. */
  offset?: number;
  /** Bytes from there on. */
  length: number;
}

interface Backend {
  files: ContentFiles;
  bulk: Service<typeof ContentDefinition>;
}

/** One message: a stream would hold sixteen of them, read or not. */
const messageBytes = 1024 * 1024;
const chunkBytes = 256 * 1024;

/** From the file where it can be seen, else piece by piece from containerd; little is held at a time. */
export async function* readLarge(
  { files, bulk }: Backend,
  blob: LargeBlob,
  options: CallOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  await using file = await files.open(blob.digest);
  if (!file) return yield* readMessages(bulk, blob, options);
  const { digest, offset = 0, length } = blob;
  // Two, for whoever asks for the next chunk a little early.
  const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(chunkBytes, length)));
  for (let done = 0, turn = 0; done < length; turn ^= 1) {
    options.signal?.throwIfAborted();
    const buffer = buffers[turn] as Buffer;
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, length - done), offset + done);
    if (bytesRead === 0) throw new UnavailableError(`${digest} ends after ${offset + done} bytes`);
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* readMessages(
  bulk: Backend['bulk'],
  { digest, offset: start = 0, length }: LargeBlob,
  options: CallOptions,
): AsyncGenerator<Uint8Array, void, void> {
  for (let offset = start; offset < start + length; offset += messageBytes) {
    const piece = { digest, offset, size: Math.min(messageBytes, start + length - offset) };
    for await (const { data } of bulk.serverStream('read', piece, options)) yield data;
  }
}
