import type { CallOptions } from './call.ts';
import type { Connection } from './connection.ts';
import { Kind, SnapshotsDefinition, type Info, type UsageResponse } from '../gen/containerd/services/snapshots.ts';
import type { Mount } from '../gen/containerd/types/mount.ts';

export { Kind as SnapshotKind, type Info as SnapshotInfo, type Mount };

export interface NewSnapshot {
  key: string;
  /** Name of a committed snapshot; '' for an empty one. */
  parent: string;
  labels?: Record<string, string>;
}

/** One snapshotter; layers are committed snapshots, container file systems active ones. */
export function snapshotsClient(connection: Connection, snapshotter: string) {
  const snapshots = connection.service(SnapshotsDefinition);
  return {
    snapshotter,
    /** A writable snapshot; answers what to mount. {@link AlreadyExistsError} when the key is taken. */
    async prepare(snapshot: NewSnapshot, options?: CallOptions): Promise<Mount[]> {
      return (await snapshots.unary('prepare', { snapshotter, ...snapshot }, options)).mounts;
    },
    /** Like {@link prepare}, read-only. */
    async view(snapshot: NewSnapshot, options?: CallOptions): Promise<Mount[]> {
      return (await snapshots.unary('view', { snapshotter, ...snapshot }, options)).mounts;
    },
    async mounts(key: string, options?: CallOptions): Promise<Mount[]> {
      return (await snapshots.unary('mounts', { snapshotter, key }, options)).mounts;
    },
    /** Turns the active snapshot `key` into the committed `name`. */
    async commit(
      snapshot: { key: string; name: string; labels?: Record<string, string> },
      options?: CallOptions,
    ): Promise<void> {
      await snapshots.unary('commit', { snapshotter, ...snapshot }, options);
    },
    /** {@link FailedPreconditionError} while another snapshot is based on it. */
    async remove(key: string, options?: CallOptions): Promise<void> {
      await snapshots.unary('remove', { snapshotter, key }, options);
    },
    async stat(key: string, options?: CallOptions): Promise<Info> {
      return (await snapshots.unary('stat', { snapshotter, key }, options)).info as Info;
    },
    /** Sets labels; those not named stay. An empty value removes a label. */
    async setLabels(name: string, labels: Record<string, string>, options?: CallOptions): Promise<void> {
      const updateMask = Object.keys(labels).map((label) => `labels.${label}`);
      await snapshots.unary('update', { snapshotter, info: { name, labels }, updateMask }, options);
    },
    /** Bytes and inodes of this snapshot alone, without its parents. */
    async usage(key: string, options?: CallOptions): Promise<UsageResponse> {
      return await snapshots.unary('usage', { snapshotter, key }, options);
    },
    async *list(filters: string[] = [], options?: CallOptions): AsyncGenerator<Info, void, void> {
      for await (const { info } of snapshots.serverStream('list', { snapshotter, filters }, options)) yield* info;
    },
    /** Frees the disk of removed snapshots now instead of at the next garbage collection. */
    async cleanup(options?: CallOptions): Promise<void> {
      await snapshots.unary('cleanup', { snapshotter }, options);
    },
  };
}

export type SnapshotsClient = ReturnType<typeof snapshotsClient>;
