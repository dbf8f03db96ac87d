import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../api/errors.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { containersClient, type ContainersClient } from './containers.ts';
import { contentClient, type ContentClient } from './content.ts';
import { diffClient, type DiffClient } from './diff.ts';
import { eventsClient, type EventsClient } from './events.ts';
import { imagesClient, type ImagesClient } from './images.ts';
import { leasesClient, type LeasesClient } from './leases.ts';
import { ensureNamespace } from './namespaces.ts';
import { snapshotsClient, type SnapshotsClient } from './snapshots.ts';
import { tasksClient, type TasksClient } from './tasks.ts';
import { versionClient, type VersionClient } from './version.ts';

export interface ConnectOptions extends ConnectionOptions {
  /** 'overlayfs' unless told otherwise. */
  snapshotter?: string;
  /** Layers that are unpacked outlive a power cut; not unless told. */
  durableLayers?: boolean;
}

/** containerd as the rest of the agent sees it. */
export interface Containerd extends AsyncDisposable {
  readonly namespace: string;
  readonly tasks: TasksClient;
  readonly containers: ContainersClient;
  readonly events: EventsClient;
  readonly images: ImagesClient;
  readonly content: ContentClient;
  readonly snapshots: SnapshotsClient;
  readonly diff: DiffClient;
  readonly leases: LeasesClient;
  readonly version: VersionClient;
  /** Answers once containerd does and the namespace exists; UnavailableError after `timeoutMs`. */
  waitUntilReady(options: { timeoutMs: number; signal?: AbortSignal }): Promise<void>;
}

/** Needs no running containerd: the connection is made by the first call. */
export function connectContainerd({
  snapshotter = 'overlayfs',
  durableLayers = false,
  ...options
}: ConnectOptions): Containerd {
  const connection = new Connection(options);
  return {
    namespace: options.namespace,
    tasks: tasksClient(connection),
    containers: containersClient(connection),
    events: eventsClient(connection),
    images: imagesClient(connection),
    content: contentClient(connection),
    snapshots: snapshotsClient(connection, snapshotter),
    diff: diffClient(connection, { syncFs: durableLayers }),
    leases: leasesClient(connection),
    version: versionClient(connection),
    waitUntilReady: (wait) => waitUntilReady(connection, wait),
    [Symbol.asyncDispose]: async () => connection[Symbol.dispose](),
  };
}

const retryEveryMs = 50;

async function waitUntilReady(connection: Connection, options: { timeoutMs: number; signal?: AbortSignal }) {
  const deadlineMs = Date.now() + options.timeoutMs;
  for (;;) {
    try {
      return await ensureNamespace(connection, { signal: options.signal, failFast: true });
    } catch (error) {
      if (!(error instanceof UnavailableError) || Date.now() > deadlineMs) throw error;
    }
    await sleep(retryEveryMs, undefined, { signal: options.signal });
  }
}
