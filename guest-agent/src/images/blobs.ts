import { NotFoundError, SystemError } from '../api/errors.ts';
import type { ContentClient } from '../containerd/content.ts';
import type { LeasesClient } from '../containerd/leases.ts';
import { digestOf } from './chain-id.ts';
import {
  descriptorsIn,
  isConfig,
  isIndex,
  isLayer,
  isManifest,
  type OciDescriptor,
  type OciIndex,
  type OciManifest,
} from './oci.ts';

/** What {@link Blobs} needs of containerd's content store. */
export type ContentStore = Pick<ContentClient, 'info' | 'read' | 'openWriter' | 'setLabels' | 'list'>;

/** A manifest or a config is some kilobytes; this is what a hostile one can make the agent read. */
const maxJsonBytes = 8 * 1024 * 1024;
const maxCached = 1000;
const maxCachedBytes = 64 * 1024;
const maxIndexDepth = 4;

/** The JSON documents in the content store, and the trees that they form. */
export class Blobs {
  readonly #content: ContentStore;
  readonly #leases: Pick<LeasesClient, 'addResource'>;
  /** By digest, so entries never go stale; the least recently used falls out. */
  readonly #cache = new Map<string, unknown>();

  constructor(content: ContentStore, leases: Pick<LeasesClient, 'addResource'>) {
    this.#content = content;
    this.#leases = leases;
  }

  /** Keeps a blob that others may let go while the lease lasts. */
  async pin(digest: string, leaseId: string): Promise<void> {
    await this.#leases.addResource(leaseId, { id: digest, type: 'content' });
  }

  async has(digest: string): Promise<boolean> {
    try {
      await this.#content.info(digest);
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  /** Rejects with NotFoundError when the blob is missing (unless it was read before). */
  async readJson<T>({ digest }: { digest: string }): Promise<T> {
    const cached = this.#cache.get(digest);
    if (cached !== undefined) {
      this.#cache.delete(digest);
      this.#cache.set(digest, cached);
      return cached as T;
    }
    const bytes = await this.readBytes(digest);
    const value = parse<T>(digest, bytes);
    if (bytes.length <= maxCachedBytes) this.#remember(digest, value);
    return value;
  }

  /** The whole of a small blob. */
  async readBytes(digest: string): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.#content.read({ digest })) {
      length += chunk.length;
      if (length > maxJsonBytes) throw new SystemError(`${digest} is larger than ${maxJsonBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** Stores a document and answers its descriptor. */
  async writeJson(
    value: object,
    options: { mediaType: string; labels?: Record<string, string>; leaseId: string },
  ): Promise<OciDescriptor> {
    return await this.writeBytes(Buffer.from(JSON.stringify(value)), options);
  }

  async writeBytes(
    bytes: Buffer,
    { mediaType, labels, leaseId }: { mediaType: string; labels?: Record<string, string>; leaseId: string },
  ): Promise<OciDescriptor> {
    const digest = digestOf(bytes);
    const upload = { ref: `${leaseId}-${digest}`, expected: digest, total: bytes.length };
    await using writer = await this.#content.openWriter(upload, { leaseId });
    if (writer) {
      writer.restart();
      await writer.write(bytes);
      await writer.commit({ labels });
    } else if (labels) {
      await this.#content.setLabels(digest, labels);
    }
    return { mediaType, digest, size: bytes.length };
  }

  /** What a manifest or an index refers to; nothing for other kinds. */
  async children(descriptor: OciDescriptor): Promise<OciDescriptor[]> {
    if (isManifest(descriptor.mediaType)) {
      const manifest = await this.readJson<Partial<OciManifest>>(descriptor);
      return [...descriptorsIn([manifest.config]), ...descriptorsIn(manifest.layers)];
    }
    if (isIndex(descriptor.mediaType)) {
      return descriptorsIn((await this.readJson<Partial<OciIndex>>(descriptor)).manifests);
    }
    return [];
  }

  /** Everything under `root` (included) that is in the store, parents first. */
  async *walkPresent(root: OciDescriptor, depth = 0): AsyncGenerator<OciDescriptor, void, void> {
    if (!(await this.has(root.digest))) return;
    yield root;
    if (depth > maxIndexDepth) return;
    for (const child of await this.children(root)) yield* this.walkPresent(child, depth + 1);
  }

  /** Makes garbage collection keep the children as long as their parent. */
  async labelChildren(descriptor: OciDescriptor): Promise<void> {
    const labels: Record<string, string> = {};
    for (const [index, child] of (await this.children(descriptor)).entries()) {
      labels[`containerd.io/gc.ref.content.${childKind(child, index)}`] = child.digest;
    }
    if (Object.keys(labels).length > 0) await this.#content.setLabels(descriptor.digest, labels);
  }

  #remember(digest: string, value: unknown) {
    this.#cache.set(digest, value);
    if (this.#cache.size <= maxCached) return;
    const oldest = this.#cache.keys().next();
    if (!oldest.done) this.#cache.delete(oldest.value);
  }
}

/** Numbered like containerd numbers them: layers from 0, though the config comes first. */
function childKind({ mediaType }: OciDescriptor, index: number): string {
  if (isConfig(mediaType)) return 'config';
  if (isLayer(mediaType)) return `l.${Math.max(0, index - 1)}`;
  return `m.${index}`;
}

function parse<T>(digest: string, bytes: Buffer): T {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new SystemError(`${digest} is not a JSON document`, { cause: error });
  }
  if (typeof value !== 'object' || value === null) throw new SystemError(`${digest} is not a JSON object`);
  return value as T;
}
