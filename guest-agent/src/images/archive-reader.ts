import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { extract, type Extract } from 'tar-stream';
import { InvalidParameterError } from '../api/errors.ts';
import type { ContentWriter } from '../containerd/content.ts';
import type { ContentStore } from './blobs.ts';
import { isDigest } from './reference.ts';

/** A file of the archive that now is a blob. */
export interface StoredFile {
  digest: string;
  size: number;
}

export interface Archive {
  /** By cleaned path; symbolic links are resolved. */
  files: Map<string, StoredFile>;
  /** The small documents that say what the rest means, parsed. */
  documents: Map<string, unknown>;
}

export interface ReadArchiveOptions {
  content: ContentStore;
  leaseId: string;
  signal?: AbortSignal;
}

/** A blob that is written, and becomes one while the next is read. */
interface Committing extends StoredFile {
  committed: Promise<void>;
}

interface Reading {
  archive: Archive;
  links: Map<string, string>;
  /** Oldest first. */
  committing: Array<Promise<void>>;
  options: ReadArchiveOptions;
}

type Entry = Awaited<ReturnType<ReturnType<Extract[typeof Symbol.asyncIterator]>['next']>>['value'];

const documentNames = new Set(['oci-layout', 'index.json', 'manifest.json']);
const maxDocumentBytes = 20 * 1024 * 1024;
const maxEntries = 100_000;
/** containerd writes a blob to the disk before it counts, which takes a while. */
const maxCommitting = 3;

/** Streams a tar of an image into the content store, file by file; nothing but the documents is held. */
export async function readArchive(source: Readable, options: ReadArchiveOptions): Promise<Archive> {
  const archive: Archive = { files: new Map(), documents: new Map() };
  const reading: Reading = { archive, links: new Map(), committing: [], options };
  const tar = extract();
  source.once('error', (error) => tar.destroy(error));
  source.pipe(tar);
  try {
    for await (const entry of tar) await readEntry(entry, reading);
    await Promise.all(reading.committing);
  } catch (error) {
    throw translate(error, source);
  } finally {
    source.destroy();
    // Nothing may be on its way any more when the lease goes.
    await Promise.allSettled(reading.committing);
  }
  for (const [name, target] of reading.links) {
    const file = archive.files.get(target);
    if (file) archive.files.set(name, file);
  }
  return archive;
}

async function readEntry(entry: Entry, reading: Reading): Promise<void> {
  const { archive, links, options, committing } = reading;
  options.signal?.throwIfAborted();
  const name = path.posix.normalize(entry.header.name).replace(/^(\.?\/)+/, '');
  if (archive.files.size + links.size > maxEntries) {
    throw new InvalidParameterError(`the archive has more than ${maxEntries} files`);
  }
  if (entry.header.type === 'symlink') {
    links.set(name, path.posix.join(path.posix.dirname(name), entry.header.linkname ?? ''));
  }
  if (entry.header.type !== 'file' && entry.header.type !== 'contiguous-file') return void entry.resume();
  if (documentNames.has(name)) archive.documents.set(name, await readDocument(entry, name));
  else {
    const { committed, ...file } = await storeFile(entry, name, options);
    archive.files.set(name, file);
    committing.push(committed);
    if (committing.length > maxCommitting) await committing.shift();
  }
}

async function readDocument(entry: Entry, name: string): Promise<unknown> {
  if ((entry.header.size ?? 0) > maxDocumentBytes) throw new InvalidParameterError(`${name} is too large`);
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new InvalidParameterError(`${name} is not valid JSON`, { cause: error });
  }
}

/** A file under blobs/ is named by its digest, which containerd then verifies; others are hashed on the way. */
async function storeFile(
  entry: Entry,
  name: string,
  { content, leaseId, signal }: ReadArchiveOptions,
): Promise<Committing> {
  const size = entry.header.size ?? 0;
  const expected = expectedDigest(name);
  // An archive may have a name twice.
  const upload = { ref: `load-${randomUUID()}`, total: size, ...(expected !== undefined && { expected }) };
  await using stack = new AsyncDisposableStack();
  const writer = stack.use(await content.openWriter(upload, { leaseId, signal }));
  // What another namespace of containerd has is here already.
  const stored = writer?.offset ?? 0;
  const hash = createHash('sha256');
  let got = 0;
  try {
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      if (expected === undefined) hash.update(chunk);
      await writer?.write(chunk.subarray(Math.max(0, stored - got)));
      got += chunk.length;
    }
  } catch (error) {
    if (!isTarError(error) || got >= size) throw error;
    const text = `failed to ingest ${JSON.stringify(name)}: short read: expected ${size} bytes but got ${got}: unexpected EOF`;
    throw new InvalidParameterError(text, { cause: error });
  }
  const digest = expected ?? `sha256:${hash.digest('hex')}`;
  const committed = commit(stack.move(), writer, digest);
  committed.catch(() => {});
  return { digest, size, committed };
}

async function commit(owned: AsyncDisposableStack, writer: ContentWriter | undefined, digest: string): Promise<void> {
  await using _ = owned;
  await writer?.commit({ expected: digest });
}

function expectedDigest(name: string): string | undefined {
  const [folder, algorithm = '', hex = '', ...rest] = name.split('/');
  const digest = `${algorithm}:${hex}`;
  return folder === 'blobs' && rest.length === 0 && isDigest(digest) ? digest : undefined;
}

/** tar-stream's complaints become Docker's; everything else passes. */
function translate(error: unknown, source: Readable): unknown {
  if (!isTarError(error)) return error;
  // What ended the source ended the tar.
  if (source.errored) return source.errored;
  const message = source.readableEnded ? 'unexpected EOF' : 'archive/tar: invalid tar header';
  return new InvalidParameterError(message, { cause: error });
}

/** tar-stream throws plain errors. */
const isTarError = (error: unknown): boolean => error instanceof Error && error.constructor === Error;
