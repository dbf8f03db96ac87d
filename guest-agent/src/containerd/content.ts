import type { CallOptions } from './call.ts';
import type { Connection } from './connection.ts';
import { ContentFiles } from './content-files.ts';
import { readLarge, type LargeBlob } from './content-reader.ts';
import { openWriter, type ContentWriter, type OpenWriter } from './content-writer.ts';
import { ContentDefinition, type Info, type Status } from '../gen/containerd/services/content.ts';

export type { Info as ContentInfo, Status as UploadStatus, ContentWriter, OpenWriter };

/** Blobs by digest. What neither a label, an image nor a lease refers to is collected. */
export function contentClient(connection: Connection) {
  const content = connection.service(ContentDefinition);
  const bulk = connection.bulkService(ContentDefinition);
  const files = new ContentFiles(connection);
  return {
    /** {@link NotFoundError} when the blob is not there. */
    async info(digest: string, options?: CallOptions): Promise<Info> {
      return (await content.unary('info', { digest }, options)).info as Info;
    },
    /** The blob's bytes from `offset` on, `size` of them (0: to the end), in chunks of up to a megabyte. */
    async *read(
      blob: { digest: string; offset?: number; size?: number },
      options?: CallOptions,
    ): AsyncGenerator<Uint8Array, void, void> {
      for await (const { data } of bulk.serverStream('read', blob, options)) yield data;
    },
    /** A blob that may be big, or part of it; each chunk is good only until the next one is asked for. */
    readLarge: (blob: LargeBlob, options?: CallOptions): AsyncGenerator<Uint8Array, void, void> =>
      readLarge({ files, bulk }, blob, options),
    /**
     * Opens (or continues, see {@link ContentWriter.offset}) the upload `ref`.
     * Undefined when the expected blob is there already; UnavailableError while another writer has the ref.
     */
    openWriter: (upload: OpenWriter, options?: CallOptions): Promise<ContentWriter | undefined> =>
      openWriter(bulk, upload, options),
    /** Sets labels; those not named stay. An empty value removes a label. */
    async setLabels(digest: string, labels: Record<string, string>, options?: CallOptions): Promise<void> {
      const updateMask = Object.keys(labels).map((label) => `labels.${label}`);
      await content.unary('update', { info: { digest, labels }, updateMask }, options);
    },
    async *list(filters: string[] = [], options?: CallOptions): AsyncGenerator<Info, void, void> {
      for await (const { info } of content.serverStream('list', { filters }, options)) yield* info;
    },
    /** Removes the blob whatever refers to it. */
    async delete(digest: string, options?: CallOptions): Promise<void> {
      await content.unary('delete', { digest }, options);
    },
    async uploads(options?: CallOptions): Promise<Status[]> {
      return (await content.unary('listStatuses', { filters: [] }, options)).statuses;
    },
    /** Throws away an unfinished upload. */
    async abort(ref: string, options?: CallOptions): Promise<void> {
      await content.unary('abort', { ref }, options);
    },
  };
}

export type ContentClient = ReturnType<typeof contentClient>;
