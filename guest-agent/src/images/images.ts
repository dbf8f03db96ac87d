import type { Readable } from 'node:stream';
import type { Filters } from '../api/engine/filters.ts';
import type { AuthStatus, DistributionInspect } from '../api/engine/distribution.ts';
import type {
  ImageDeleteEntry,
  ImageHistoryEntry,
  ImageInspect,
  ImageSearchResult,
  ImagesPruneReport,
  ImageSummary,
} from '../api/engine/image.ts';
import type { Containerd } from '../containerd/connect.ts';
import type { Logger } from '../logger.ts';
import { Blobs } from './blobs.ts';
import { Downloads } from './downloads.ts';
import { pullImage, type PullOptions } from './pull.ts';
import { Registries, type RegistriesOptions } from './registry/registries.ts';
import { Collector } from './collector.ts';
import { imageHistory } from './history.ts';
import { ImageEvents, type EventSink } from './image-events.ts';
import { idOf, ImageStore } from './image-store.ts';
import type { ImageUse } from './image-use.ts';
import { openImportSource } from './import-source.ts';
import { importImage, type ImportOptions } from './import.ts';
import type { ProgressMessage } from './progress.ts';
import { saveImages, type SaveOptions } from './save.ts';
import { KeptPulls } from './kept-pulls.ts';
import { inspectDistribution } from './distribution.ts';
import { checkLogin } from './login.ts';
import { pushImage, type PushOptions } from './push.ts';
import type { RegistryCredentials } from './registry/credentials.ts';
import { searchImages, type SearchOptions } from './search.ts';
import { Slots } from './slots.ts';
import { inspectImage, type InspectOptions } from './inspect.ts';
import { listImages, type ListOptions } from './list.ts';
import { loadImages, type LoadOptions } from './load.ts';
import type { Platform } from './oci.ts';
import { ImagePruner } from './prune.ts';
import type { NamedReference } from './reference.ts';
import { removeImage, type RemoveOptions } from './remove.ts';
import { removePlatforms } from './remove-platforms.ts';
import { resolveImage, type ResolvedImage } from './resolve.ts';
import { Rootfs } from './rootfs.ts';
import { tagImage } from './tag.ts';
import { Unpacker } from './unpacker.ts';

export interface ImagesOptions {
  containerd: Pick<Containerd, 'content' | 'images' | 'snapshots' | 'diff' | 'leases'>;
  use: ImageUse;
  events: EventSink;
  log: Logger;
  registry: RegistrySettings;
}

/** daemon.json's keys about registries. */
export interface RegistrySettings extends RegistriesOptions {
  /** Downloads at a time, all pulls together; Docker's default is 3. */
  maxConcurrentDownloads: number;
  /** Uploads at a time; 5, Docker's default, if absent. */
  maxConcurrentUploads?: number;
  /** How often a broken download is taken up again; Docker's default is 5. */
  maxDownloadAttempts: number;
}

/** Everything that the engine can do with images. Disposing waits for what runs in the background. */
export interface Images extends AsyncDisposable {
  /** File systems of containers. */
  readonly rootfs: Rootfs;
  resolve(reference: string, platform?: Platform): Promise<ResolvedImage>;
  list(options: ListOptions): Promise<ImageSummary[]>;
  inspect(name: string, options: InspectOptions): Promise<ImageInspect>;
  history(name: string, platform?: Platform): Promise<ImageHistoryEntry[]>;
  /** Images, not names; without looking into any. */
  count(): Promise<number>;
  tag(name: string, to: NamedReference): Promise<void>;
  remove(name: string, options: RemoveOptions): Promise<ImageDeleteEntry[]>;
  /** Needs `force`. */
  removePlatforms(name: string, options: { platforms: Platform[]; force: boolean }): Promise<ImageDeleteEntry[]>;
  prune(filters: Filters): Promise<ImagesPruneReport>;
  /** From a registry; rejects before it writes anything when the reference cannot be resolved. */
  pull(reference: NamedReference, options: PullOptions): Promise<void>;
  push(reference: NamedReference, options: PushOptions): Promise<void>;
  /** What a registry has under a name. */
  inspectDistribution(
    reference: NamedReference,
    options: { credentials: RegistryCredentials | undefined; signal: AbortSignal },
  ): Promise<DistributionInspect>;
  search(options: SearchOptions): Promise<ImageSearchResult[]>;
  /** Rejects when the registry does not accept the credentials. */
  checkLogin(credentials: RegistryCredentials, signal: AbortSignal): Promise<AuthStatus>;
  save(options: SaveOptions): Promise<void>;
  /** Answers the new image's id. */
  import(source: Readable, options: ImportOptions): Promise<string>;
  /** What `docker import URL` names; progress is written as it is read. */
  openImportSource(
    url: string,
    options: { write: (message: ProgressMessage) => void; signal: AbortSignal },
  ): Promise<AsyncIterable<Buffer>>;
  load(archive: Readable, options: LoadOptions): Promise<void>;
}

export function createImages({ containerd, use, events: sink, log, registry }: ImagesOptions): Images {
  const { content, snapshots, leases } = containerd;
  const store = new ImageStore(containerd.images);
  const blobs = new Blobs(content, leases);
  const unpacker = new Unpacker(containerd);
  const events = new ImageEvents({ sink, blobs, store });
  const collector = new Collector(leases, log);
  const registries = new Registries(registry);
  const downloads = new Downloads({
    content,
    maxConcurrent: registry.maxConcurrentDownloads,
    maxAttempts: registry.maxDownloadAttempts,
  });
  const kept = new KeptPulls(leases);
  const uploadSlots = new Slots(registry.maxConcurrentUploads ?? 5);
  const backend = {
    content,
    snapshots,
    leases,
    store,
    blobs,
    unpacker,
    events,
    collector,
    use,
    registries,
    downloads,
    uploadSlots,
  };
  const pruner = new ImagePruner(backend);
  /** What did not become part of an image is given back soon. */
  const thenCollect = <T>(work: Promise<T>): Promise<T> => work.finally(() => collector.collectSoon());
  const clearing = kept
    .clearAbandoned()
    .then((count) => count > 0 && collector.collectSoon())
    .catch((error: unknown) => log.warn({ err: error }, 'could not clear away what an earlier agent left'));
  return {
    rootfs: new Rootfs(backend),
    resolve: (reference, platform) => resolveImage(backend, reference, platform),
    list: (options) => listImages(backend, options),
    inspect: (name, options) => inspectImage(backend, name, options),
    history: (name, platform) => imageHistory(backend, name, platform),
    count: async () => new Set((await store.list()).map(idOf)).size,
    tag: (name, to) => tagImage(backend, name, to),
    remove: (name, options) => removeImage(backend, name, options),
    removePlatforms: (name, options) => thenCollect(removePlatforms(backend, name, options)),
    prune: (filters) => pruner.prune(filters),
    pull: (reference, options) => pullImage(backend, reference, options),
    push: (reference, options) => pushImage(backend, reference, options),
    inspectDistribution: (reference, options) => inspectDistribution(registries, reference, options),
    search: (options) => searchImages(registries, options),
    checkLogin: (credentials, signal) => checkLogin(registries, credentials, signal),
    save: (options) => saveImages(backend, options),
    import: (source, options) => thenCollect(importImage(backend, source, options)),
    openImportSource: (url, options) => openImportSource(registries.transport, url, options),
    load: (archive, options) => thenCollect(loadImages(backend, archive, options)),
    [Symbol.asyncDispose]: async () => {
      await clearing;
      await registries[Symbol.asyncDispose]();
      await collector[Symbol.asyncDispose]();
    },
  };
}
