import { InvalidParameterError, SystemError } from '../../api/index.ts';
import type { Mount } from '../../containerd/snapshots.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { MountPoint } from '../mount-point.ts';
import type { OciMount } from '../oci-spec/oci.ts';
import { runtimeOf } from '../runtimes/oci-runtime.ts';
import { copyUp } from './copy-up.ts';
import { imageFolder } from './image-folder.ts';
import { lockedOptions } from './locked-options.ts';
import { canPropagate } from './propagation.ts';
import { subpathOf } from './subpath.ts';
import { tmpfsMount } from './tmpfs-mount.ts';

interface MountParts {
  rootfs: readonly Mount[];
  undo: AsyncDisposableStack;
  /** What the runtime needs only until it has made the container. */
  temporary: AsyncDisposableStack;
}

/** Makes every mount of the container ready and words it for the OCI spec. */
export async function prepareMounts(
  deps: ContainerDependencies,
  container: Container,
  parts: MountParts,
): Promise<OciMount[]> {
  const mounts: OciMount[] = [];
  for (const mount of container.record.mounts) {
    const prepared = await prepare(deps, container, { mount, ...parts });
    if (deps.identity && prepared.type === 'bind') prepared.options.push(...(await lockedOptions(prepared.source)));
    mounts.push(prepared);
  }
  return mounts;
}

async function prepare(
  deps: ContainerDependencies,
  container: Container,
  parts: MountParts & { mount: MountPoint },
): Promise<OciMount> {
  const { mount } = parts;
  if (mount.type === 'tmpfs') return tmpfsMount(mount);
  if (mount.type === 'volume') return await volumeMount(deps, container, parts);
  if (mount.type === 'image') return bindMount(mount, await imageFolder(deps, mount, parts.temporary), 'ro');
  if (mount.conflict) throw new SystemError(`mount options conflict: ${mount.conflict}`);
  return await hostMount(deps, container, mount);
}

async function hostMount(deps: ContainerDependencies, container: Container, mount: MountPoint): Promise<OciMount> {
  const source = await bindSource(deps, mount);
  const propagation = await attainable(deps, source, mount.propagation);
  return bindMount({ ...mount, propagation }, source, await readOnlyOption(deps, container, mount));
}

/** The engine's own choice of rslave for its data root (see mountPoints) gives way where the host cannot do it. */
async function attainable({ root }: ContainerDependencies, source: string, propagation: string): Promise<string> {
  const isNearData = source.startsWith(root.root) || root.root.startsWith(source);
  try {
    await canPropagate(source, propagation);
    return propagation;
  } catch (error) {
    if (isNearData && propagation === 'rslave') return 'rprivate';
    throw error;
  }
}

/** 'rro' also makes what is mounted below read-only. */
async function readOnlyOption(
  deps: ContainerDependencies,
  { record }: Container,
  mount: MountPoint,
): Promise<'ro' | 'rro' | null> {
  if (mount.readWrite) return null;
  if (mount.readOnlyBelow === 'never') return 'ro';
  const { Runtime: runtime } = record.hostConfig;
  const options = await deps.runtimeFeatures.mountOptions(runtimeOf(deps.settings, runtime).binaryName ?? runtime);
  if (options.has('rro')) return 'rro';
  if (mount.readOnlyBelow === 'always') throw new SystemError(`rro is not supported by runtime "${runtime}"`);
  return 'ro';
}

function bindMount(mount: MountPoint, source: string, access: string | null): OciMount {
  const bind = mount.nonRecursive ? 'bind' : 'rbind';
  return {
    destination: mount.destination,
    type: 'bind',
    source,
    options: [bind, ...(access === null ? [] : [access]), mount.propagation || 'rprivate'],
  };
}

export async function bindSource({ bindSources }: ContainerDependencies, mount: MountPoint): Promise<string> {
  const source = await bindSources.find(mount.source, { create: mount.createSource });
  if (source !== null) return source;
  throw new InvalidParameterError(
    `invalid mount config for type "bind": bind source path does not exist: ${mount.source}`,
  );
}

async function mountedVolume(
  { volumes }: ContainerDependencies,
  { id }: Container,
  mount: MountPoint,
): Promise<string> {
  try {
    return await volumes.mount(mount.name, id);
  } catch (error) {
    const why = (error as Error).message;
    throw new SystemError(`error while mounting volume '${mount.source}': ${why}`, { cause: error });
  }
}

async function volumeMount(
  deps: ContainerDependencies,
  container: Container,
  parts: MountParts & { mount: MountPoint },
): Promise<OciMount> {
  const { mount, rootfs, undo } = parts;
  const source = await mountedVolume(deps, container, mount);
  undo.defer(() => deps.volumes.unmount(mount.name, container.id));
  const folder = mount.subpath === '' ? source : await subpathOf(source, mount.subpath);
  if (mount.copyUp) await copyUp({ rootfs, path: mount.destination, volume: folder, mountDir: deps.root.mounts });
  return bindMount(mount, folder, await readOnlyOption(deps, container, mount));
}
