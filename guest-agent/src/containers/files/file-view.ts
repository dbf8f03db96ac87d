import { constants } from 'node:fs';
import { mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import type { Mount } from '../../containerd/snapshots.ts';
import type { Container } from '../container.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { MountPoint } from '../mount-point.ts';
import { bindSource, subpathOf } from '../start-steps/prepare-mounts.ts';
import { liveRootfs } from './live-rootfs.ts';
import { inFolder, RootedWalk, type Place } from './rooted-walk.ts';
import { ViewProcess, type Binding } from './view-process.ts';

/** A container's file system as it sees it itself, for as long as it is not disposed. */
export interface FileView extends AsyncDisposable {
  readonly walk: RootedWalk;
  /** The view's root, to walk again beside {@link walk}. */
  readonly root: string;
}

export interface FileViewOptions {
  /** Volumes, bind mounts and Docker's own files in /etc, too. tmpfs mounts are never seen, as with Docker. */
  withMounts: boolean;
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
  const shown: readonly Mount[] =
    live === null ? mounts : [{ type: 'bind', source: live, target: '', options: ['bind'] }];
  await mkdir(deps.root.mounts, { recursive: true, mode: 0o700 });
  const view = stack.use(await ViewProcess.start(shown, deps.root.mounts));
  if (live !== null) held.resolve();
  const walk = stack.use(await RootedWalk.open(view.root));
  if (options.withMounts) await bindAll(deps, container, { view, walk, stack });
  const owned = stack.move();
  return { walk, root: view.root, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

interface Parts {
  view: ViewProcess;
  walk: RootedWalk;
  stack: AsyncDisposableStack;
}

interface Wanted {
  source: string;
  destination: string;
  readOnly: boolean;
}

/** Outer mounts before those inside them: each level is walked after the one above is in its place. */
async function bindAll(deps: ContainerDependencies, container: Container, { view, walk, stack }: Parts): Promise<void> {
  const wanted = [...(await volumeBinds(deps, container, stack)), ...(await networkFiles(container))];
  const levels = Map.groupBy(wanted, ({ destination }) => depth(destination));
  for (const [, level] of [...levels].sort(([a], [b]) => a - b)) {
    await using open = new AsyncDisposableStack();
    const bindings: Binding[] = [];
    for (const { source, destination, readOnly } of level) {
      const handle = open.use(await openTarget(walk, destination, (await stat(source)).isDirectory()));
      bindings.push({ source, fd: handle.fd, readOnly });
    }
    await view.bind(bindings);
  }
}

const depth = (destination: string): number => destination.split('/').filter((part) => part !== '').length;

async function volumeBinds(deps: ContainerDependencies, { id, record }: Container, stack: AsyncDisposableStack) {
  const wanted: Wanted[] = [];
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
  if (mount.type === 'bind') return await bindSource(mount);
  if (mount.type !== 'volume') return null;
  const folder = await deps.volumes.mount(mount.name, containerId);
  stack.defer(() => deps.volumes.unmount(mount.name, containerId));
  return mount.subpath === '' ? folder : await subpathOf(folder, mount.subpath);
}

/** They exist from the first start on. */
async function networkFiles({ paths, record }: Container): Promise<Wanted[]> {
  const taken = new Set(record.mounts.map(({ destination }) => destination));
  const files = { '/etc/hostname': paths.hostname, '/etc/hosts': paths.hosts, '/etc/resolv.conf': paths.resolvConf };
  const wanted: Wanted[] = [];
  for (const [destination, source] of Object.entries(files)) {
    const exists = await stat(source).then(
      () => true,
      () => false,
    );
    if (exists && !taken.has(destination)) wanted.push({ source, destination, readOnly: false });
  }
  return wanted;
}

const O_PATH = 0o10000000;

/** Opens the place for a mount; what is missing of it is made, as at start. */
async function openTarget(walk: RootedWalk, destination: string, isFolder: boolean): Promise<FileHandle> {
  const last = destination.lastIndexOf('/');
  if (!isFolder)
    await makeFile(
      await walk.to(destination.slice(0, last), { followLast: true, makeFolders: true }),
      destination.slice(last + 1),
    );
  const { folder, name } = await walk.to(destination, { followLast: true, makeFolders: isFolder });
  return await open(inFolder(folder, name ?? '.'), O_PATH | constants.O_NOFOLLOW);
}

async function makeFile({ folder }: Place, name: string): Promise<void> {
  try {
    await using _file = await open(inFolder(folder, name), constants.O_CREAT | constants.O_EXCL, 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
