import type { CallOptions } from './call.ts';
import type { Connection } from './connection.ts';
import { DiffDefinition } from '../gen/containerd/services/diff.ts';
import type { Descriptor } from '../gen/containerd/types/descriptor.ts';
import type { Mount } from '../gen/containerd/types/mount.ts';

export interface CreateDiff {
  /** The older and the newer tree. */
  left: Mount[];
  right: Mount[];
  /** Decides the compression, e.g. application/vnd.oci.image.layer.v1.tar+gzip. */
  mediaType: string;
  /** Name of the upload in the content store; unique while it lasts. */
  ref: string;
  labels?: Record<string, string>;
}

/** @param syncFs what is unpacked is on the disk before that is answered (by containerd 1.7.14 and later) */
export function diffClient(connection: Connection, { syncFs }: { syncFs: boolean }) {
  const diff = connection.service(DiffDefinition);
  return {
    /** Unpacks a layer (tar, gzip, zstd by media type); answers the uncompressed tar's descriptor: its diff ID. */
    async apply(layer: Descriptor, mounts: Mount[], options?: CallOptions): Promise<Descriptor> {
      return (await diff.unary('apply', { diff: layer, mounts, syncFs }, options)).applied as Descriptor;
    },
    /** Packs the difference into the content store; label `containerd.io/uncompressed` holds the diff ID. */
    async diff(request: CreateDiff, options?: CallOptions): Promise<Descriptor> {
      return (await diff.unary('diff', request, options)).diff as Descriptor;
    },
  };
}

export type DiffClient = ReturnType<typeof diffClient>;
