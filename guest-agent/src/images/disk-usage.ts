import type { SnapshotsClient } from '../containerd/snapshots.ts';
import type { Blobs } from './blobs.ts';
import { targetOf, type ImageStore } from './image-store.ts';

/** Bytes of all layers, unpacked (those of containers included) and as they were pulled, each once. */
export async function imageDiskUsage(backend: {
  blobs: Blobs;
  store: ImageStore;
  snapshots: SnapshotsClient;
}): Promise<number> {
  const sizes = new Map<string, number>();
  for (const image of await backend.store.list()) {
    for await (const { digest, size } of backend.blobs.walkPresent(targetOf(image))) sizes.set(digest, size);
  }
  let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  for await (const { name } of backend.snapshots.list()) {
    total += await backend.snapshots.usage(name).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return total;
}
