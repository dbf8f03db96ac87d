import type { Readable } from 'node:stream';
import type { AuthStatus, DistributionInspect } from '../api/engine/distribution.ts';
import type { Filters } from '../api/engine/filters.ts';
import type {
  ImageDeleteEntry,
  ImageHistoryEntry,
  ImageInspect,
  ImageSearchResult,
  ImagesPruneReport,
  ImageSummary,
} from '../api/engine/image.ts';
import { clearAbandonedMounts } from './abandoned-mounts.ts';
import { commitImage, type CommitImage } from './commit.ts';
import { imageDiskUsage } from './disk-usage.ts';
import { inspectDistribution } from './distribution.ts';
import { imageHistory } from './history.ts';
import { imageBackend, type ImagesOptions } from './image-backend.ts';
import { idOf } from './image-store.ts';
import { openImportSource } from './import-source.ts';
import { importImage, type ImportOptions } from './import.ts';
import { inspectImage, type InspectOptions } from './inspect.ts';
import { listImages, type ListOptions } from './list.ts';
import { loadImages, type LoadOptions } from './load.ts';
import { checkLogin } from './login.ts';
import type { Platform } from './oci.ts';
import type { ProgressMessage } from './progress.ts';
import { ImagePruner } from './prune.ts';
import { pullImage, type PullOptions } from './pull.ts';
import { pushImage, type PushOptions } from './push.ts';
import type { NamedReference } from './reference.ts';
import type { RegistryCredentials } from './registry/credentials.ts';
import { removePlatforms } from './remove-platforms.ts';
import { removeImage, type RemoveOptions } from './remove.ts';
import { resolveImage, type ResolvedImage } from './resolve.ts';
import { Rootfs } from './rootfs.ts';
import { saveImages, type SaveOptions } from './save.ts';
import { searchImages, type SearchOptions } from './search.ts';
import { tagImage } from './tag.ts';

export type { ImagesOptions, RegistrySettings } from './image-backend.ts';

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
  /** Bytes of all layers. */
  diskUsage(): Promise<number>;
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
  /** An image of what a container has written; answers its id. */
  commit(request: CommitImage): Promise<string>;
  load(archive: Readable, options: LoadOptions): Promise<void>;
}

export function createImages(options: ImagesOptions): Images {
  const backend = imageBackend(options);
  const { store, registries, collector } = backend;
  const pruner = new ImagePruner(backend);
  /** What did not become part of an image is given back soon. */
  const thenCollect = <T>(work: Promise<T>): Promise<T> => work.finally(() => collector.collectSoon());
  const clearing = clearAbandoned(backend).catch((error: unknown) => {
    options.log.warn({ err: error }, 'could not clear away what an earlier agent left');
  });
  return {
    rootfs: new Rootfs(backend),
    resolve: (reference, platform) => resolveImage(backend, reference, platform),
    list: (query) => listImages(backend, query),
    inspect: (name, more) => inspectImage(backend, name, more),
    history: (name, platform) => imageHistory(backend, name, platform),
    count: async () => new Set((await store.list()).map(idOf)).size,
    diskUsage: () => imageDiskUsage(backend),
    tag: (name, to) => tagImage(backend, name, to),
    remove: (name, more) => removeImage(backend, name, more),
    removePlatforms: (name, more) => thenCollect(removePlatforms(backend, name, more)),
    prune: (filters) => pruner.prune(filters),
    pull: (reference, more) => thenCollect(pullImage(backend, reference, more)),
    push: (reference, more) => pushImage(backend, reference, more),
    inspectDistribution: (reference, more) => inspectDistribution(registries, reference, more),
    search: (request) => searchImages(registries, request),
    checkLogin: (credentials, signal) => checkLogin(registries, credentials, signal),
    save: (request) => saveImages(backend, request),
    import: (source, more) => thenCollect(importImage(backend, source, more)),
    openImportSource: (url, more) => openImportSource(registries.transport, url, more),
    commit: (request) => thenCollect(commitImage(backend, request)),
    load: (archive, more) => thenCollect(loadImages(backend, archive, more)),
    [Symbol.asyncDispose]: async () => {
      await clearing;
      await registries[Symbol.asyncDispose]();
      await collector[Symbol.asyncDispose]();
    },
  };
}

/** Mounts before snapshots: a snapshot that is mounted keeps its disk. */
async function clearAbandoned({ kept, collector }: Pick<ReturnType<typeof imageBackend>, 'kept' | 'collector'>) {
  await clearAbandonedMounts();
  if ((await kept.clearAbandoned()) > 0) collector.collectSoon();
}
