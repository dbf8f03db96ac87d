import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { ContainerDependencies } from '../dependencies.ts';
import type { MountPoint } from '../mount-point.ts';

export interface MadeMounts {
  mounts: MountPoint[];
  anonymousVolumes: string[];
}

interface MakeParts {
  containerId: string;
  undo: AsyncDisposableStack;
}

/** Volumes and image views exist from create on; anonymous volumes get their name here, on disk before they are made. */
export async function makeMounts(
  deps: ContainerDependencies,
  mounts: readonly MountPoint[],
  parts: MakeParts,
): Promise<MadeMounts> {
  const isAnonymous = (mount: MountPoint) => mount.type === 'volume' && mount.name === '';
  const named = mounts.map((mount) =>
    isAnonymous(mount) ? { ...mount, name: randomBytes(32).toString('hex') } : mount,
  );
  const anonymousVolumes = named.filter((_, index) => isAnonymous(mounts[index]!)).map(({ name }) => name);
  if (anonymousVolumes.length > 0) deps.store.noteCreation(parts.containerId, anonymousVolumes);
  const made: MountPoint[] = [];
  for (const mount of named) {
    if (mount.type === 'volume') made.push(await makeVolume(deps, mount, { ...parts, anonymousVolumes }));
    else if (mount.type === 'image' && !mount.snapshotKey) made.push(await makeImageView(deps, mount, parts));
    else made.push(mount);
  }
  return { mounts: made, anonymousVolumes };
}

async function makeVolume(
  deps: ContainerDependencies,
  { volumeLabels = null, volumeOptions: options = null, ...mount }: MountPoint,
  { undo, anonymousVolumes }: MakeParts & { anonymousVolumes: readonly string[] },
): Promise<MountPoint> {
  const { name, driver } = mount;
  const isOwn = anonymousVolumes.includes(name);
  const labels = isOwn ? { 'com.docker.volume.anonymous': '', ...volumeLabels } : volumeLabels;
  const volume = await deps.volumes.create({ name, driver, options, labels });
  if (isOwn) undo.defer(() => deps.volumes.remove(name, true));
  return { ...mount, name: volume.name, driver: volume.driver, source: volume.mountpoint };
}

async function makeImageView(
  deps: ContainerDependencies,
  mount: MountPoint,
  { containerId, undo }: MakeParts,
): Promise<MountPoint> {
  const image = await deps.images.resolve(mount.name);
  const name = `${containerId}-${mount.name}`;
  const snapshotKey = `${name}${mount.destination}`;
  await deps.rootfs.createView(snapshotKey, image);
  undo.defer(() => deps.rootfs.remove(snapshotKey));
  return { ...mount, snapshotKey, imageId: image.id, source: path.join(deps.root.mounts, name.replaceAll('/', '_')) };
}
