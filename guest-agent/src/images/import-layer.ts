import { createHash, randomUUID, type Hash } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, createZstdDecompress } from 'node:zlib';
import type { ContentWriter } from '../containerd/content.ts';
import { UnavailableError } from '../api/errors.ts';
import type { ContentStore } from './blobs.ts';
import { decompressAs, sniff } from './decompress.ts';
import { mediaTypes, type OciDescriptor } from './oci.ts';

export interface ImportedLayer {
  descriptor: OciDescriptor;
  /** Digest of the uncompressed tar. */
  diffId: string;
}

export interface StoreLayerOptions {
  content: ContentStore;
  leaseId: string;
  signal?: AbortSignal;
}

/** Streams a file system tar into the content store: gzip and zstd as they come, anything else gzipped here. */
export async function storeLayer(source: Readable, options: StoreLayerOptions): Promise<ImportedLayer> {
  const { content, leaseId, signal } = options;
  const { compression, stream } = await sniff(source);
  const upload = { ref: `import-${randomUUID()}` };
  await using writer = await content.openWriter(upload, { leaseId, signal });
  if (!writer) throw new UnavailableError('containerd did not open the upload');
  const stored = createHash('sha256');
  const plain = createHash('sha256');
  const isKept = compression === 'gzip' || compression === 'zstd';
  if (isKept) {
    const decompressor = compression === 'gzip' ? createGunzip() : createZstdDecompress();
    await pipeline(stream, storing(writer, stored), decompressor, hashing(plain), discard(), { signal });
  } else {
    const archive = decompressAs(compression, stream);
    await pipeline(archive, hashing(plain), createGzip(), storing(writer, stored), discard(), { signal });
  }
  const digest = `sha256:${stored.digest('hex')}`;
  const diffId = `sha256:${plain.digest('hex')}`;
  const size = writer.offset;
  await writer.commit({ expected: digest, labels: { 'containerd.io/uncompressed': diffId } });
  const mediaType = compression === 'zstd' ? mediaTypes.ociLayerZstd : mediaTypes.ociLayerGzip;
  return { descriptor: { mediaType, digest, size }, diffId };
}

function storing(writer: ContentWriter, hash: Hash) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      await writer.write(chunk);
      yield chunk;
    }
  };
}

function hashing(hash: Hash) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  };
}

const discard = (): PassThrough => new PassThrough().resume();
