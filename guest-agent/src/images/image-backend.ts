import type { Containerd } from '../containerd/connect.ts';
import type { Logger } from '../logger.ts';
import type { IdMapping } from '../userns/id-mapping.ts';
import { Blobs } from './blobs.ts';
import { Collector } from './collector.ts';
import { Downloads } from './downloads.ts';
import { ImageEvents, type EventSink } from './image-events.ts';
import { ImageStore } from './image-store.ts';
import type { ImageUse } from './image-use.ts';
import { KeptPulls } from './kept-pulls.ts';
import { Registries, type RegistriesOptions } from './registry/registries.ts';
import { Slots } from './slots.ts';
import { Unpacker } from './unpacker.ts';

export interface ImagesOptions {
  containerd: Pick<Containerd, 'content' | 'images' | 'snapshots' | 'diff' | 'leases'>;
  use: ImageUse;
  events: EventSink;
  log: Logger;
  registry: RegistrySettings;
  /** What containers' ids are on the machine; absent: the same. */
  identity?: IdMapping | null;
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

const defaultUploads = 5;

/** Everything that the verbs take from, each what it needs. */
export function imageBackend({ containerd, use, events: sink, log, registry, identity = null }: ImagesOptions) {
  const { content, snapshots, leases, diff } = containerd;
  const store = new ImageStore(containerd.images);
  const blobs = new Blobs(content, leases);
  return {
    content,
    snapshots,
    leases,
    diff,
    use,
    identity,
    store,
    blobs,
    unpacker: new Unpacker(containerd),
    events: new ImageEvents({ sink, blobs, store }),
    collector: new Collector({ leases, snapshots, log }),
    registries: new Registries(registry),
    downloads: new Downloads({
      content,
      maxConcurrent: registry.maxConcurrentDownloads,
      maxAttempts: registry.maxDownloadAttempts,
    }),
    kept: new KeptPulls(leases),
    uploadSlots: new Slots(registry.maxConcurrentUploads ?? defaultUploads),
  };
}
