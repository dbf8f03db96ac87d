import { randomUUID } from 'node:crypto';
import type { LeasesClient } from '../containerd/leases.ts';
import type { Mount, SnapshotsClient } from '../containerd/snapshots.ts';

/** What a container started from, to be mounted read-only as long as it is not disposed. */
export interface ParentView extends AsyncDisposable {
  readonly mounts: Mount[];
}

export async function openParentView(
  { snapshots, leases }: { snapshots: SnapshotsClient; leases: LeasesClient },
  containerId: string,
): Promise<ParentView> {
  await using stack = new AsyncDisposableStack();
  const { parent } = await snapshots.stat(containerId);
  const { leaseId } = stack.use(await leases.temporary());
  const key = `${containerId}-parent-${randomUUID()}`;
  const mounts = await snapshots.view({ key, parent }, { leaseId });
  stack.defer(() => snapshots.remove(key));
  const owned = stack.move();
  return { mounts, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
