import { mkdir, realpath, stat } from 'node:fs/promises';
import type { Mount } from '../../containerd/snapshots.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { MountPoint } from '../mount-point.ts';
import { bindSource } from '../start-steps/prepare-mounts.ts';
import { subpathOf } from '../start-steps/subpath.ts';
import { liveRootfs } from './live-rootfs.ts';
import { bindAll, depth, makeMountPoint, type Wanted } from './mount-points.ts';
import { RootedWalk } from './rooted-walk.ts';
import { ViewProcess } from './view-process.ts';

/** A container's file system as it sees it itself, for as long as it is not disposed. */
export interface FileView extends AsyncDisposable {
  /** Sees the mounts, which the kernel does not know of. */
  readonly walk: RootedWalk;
  /**
   * A walk for programs: the kernel, too, sees the mounts from now on. To be called once; it takes longer than
   * {@link walk} and is only needed where a program is to see mounts below a folder.
   */
  mounted(): Promise<RootedWalk>;
}

export interface FileViewOptions {
  /** Volumes, bind mounts and Docker's own files in /etc, too. tmpfs mounts are never seen, as with Docker. */
  withMounts: boolean;
  /**
   * For what is over in a moment and needs {@link FileView.mounted} for nothing: the container's state stands still
   * meanwhile, which saves a namespace.
   */
  brief?: boolean;
}

/**
 * Opens the file system, whether the container runs or not. One that does not run cannot be started until the view is
 * disposed: its file system would be mounted twice.
 */
export async function openFileView(
  deps: ContainerDependencies,
  container: Container,
  options: FileViewOptions,
): Promise<FileView> {
  await using stack = new AsyncDisposableStack();
  const held = Promise.withResolvers<void>();
  const { promise: locked, resolve: isLocked } = Promise.withResolvers<void>();
  const released = container.lock.run(() => {
    isLocked();
    return held.promise;
  });
  stack.defer(async () => {
    held.resolve();
    await released;
  });
  await locked;
  const mounts = await deps.rootfs.mounts(container.id);
  const live = await liveRootfs(mounts);
  const view = options.brief && live !== null ? null : stack.use(await startView(deps, live, mounts));
  if (view && live !== null) held.resolve();
  const walk = stack.use(await RootedWalk.open(view?.root ?? (live as string), deps.identity?.root));
  const wanted = options.withMounts ? await allMounts(deps, container, stack) : [];
  for (const mount of wanted) walk.mount(await makeMountPoint(walk, mount), mount);
  const owned = stack.move();
  const mounted = async () => {
    if (!view) throw new Error('a brief view has nothing mounted');
    const real = owned.use(await RootedWalk.open(view.root, deps.identity?.root));
    await bindAll(view, real, wanted);
    return real;
  };
  return { walk, mounted, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function startView(
  deps: ContainerDependencies,
  live: string | null,
  mounts: readonly Mount[],
): Promise<ViewProcess> {
  const shown: readonly Mount[] =
    live === null ? mounts : [{ type: 'bind', source: live, target: '', options: ['bind'] }];
  await mkdir(deps.root.mounts, { recursive: true, mode: 0o700 });
  return await ViewProcess.start(shown, deps.root.mounts);
}

/** Outer mounts before those inside them. */
async function allMounts(
  deps: ContainerDependencies,
  container: Container,
  stack: AsyncDisposableStack,
): Promise<Wanted[]> {
  const wanted = [...(await volumeBinds(deps, container, stack)), ...(await networkFiles(container))];
  const known = wanted.map(async (mount) => {
    const source = await realpath(mount.source);
    return { ...mount, source, isFolder: (await stat(source)).isDirectory() };
  });
  return (await Promise.all(known)).sort((a, b) => depth(a.destination) - depth(b.destination));
}

async function volumeBinds(deps: ContainerDependencies, { id, record }: Container, stack: AsyncDisposableStack) {
  const wanted: Array<Omit<Wanted, 'isFolder'>> = [];
  for (const mount of record.mounts) {
    const source = await sourceOf(deps, id, { mount, stack });
    if (source !== null) wanted.push({ source, destination: mount.destination, readOnly: !mount.readWrite });
  }
  return wanted;
}

async function sourceOf(
  deps: ContainerDependencies,
  containerId: string,
  { mount, stack }: { mount: MountPoint; stack: AsyncDisposableStack },
): Promise<string | null> {
  if (mount.type === 'bind') return await bindSource(deps, mount);
  if (mount.type !== 'volume') return null;
  const folder = await deps.volumes.mount(mount.name, containerId);
  stack.defer(() => deps.volumes.unmount(mount.name, containerId));
  return mount.subpath === '' ? folder : await subpathOf(folder, mount.subpath);
}

/** They exist from the first start on. */
async function networkFiles({ paths, record }: Container): Promise<Array<Omit<Wanted, 'isFolder'>>> {
  const taken = new Set(record.mounts.map(({ destination }) => destination));
  const files = { '/etc/hostname': paths.hostname, '/etc/hosts': paths.hosts, '/etc/resolv.conf': paths.resolvConf };
  const wanted: Array<Omit<Wanted, 'isFolder'>> = [];
  for (const [destination, source] of Object.entries(files)) {
    const exists = await stat(source).then(
      () => true,
      () => false,
    );
    if (exists && !taken.has(destination)) wanted.push({ source, destination, readOnly: false });
  }
  return wanted;
}
