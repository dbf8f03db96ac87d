import type { ContainerConfig } from '../../api/engine/container-config.ts';
import type { HostConfig } from '../../api/engine/host-config.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { MountPoint } from '../mount-point.ts';
import { changesMount, emptyMount, isReadOnly, isValidMode, parseBind } from './parse-bind.ts';
import { cleanPath, parseMount } from './parse-mount.ts';

export type MountContext = Pick<ContainerDependencies, 'store' | 'root'> & { readOnlyNonRecursive: boolean };

/**
 * All mounts that a container asks for, in Docker's order of precedence: --volumes-from, -v and --mount, --tmpfs, then
 * the image's VOLUMEs wherever nothing else is mounted.
 */
export function mountPoints(config: ContainerConfig, hostConfig: HostConfig, deps: MountContext): MountPoint[] {
  const byDestination = new Map<string, MountPoint>();
  for (const spec of hostConfig.VolumesFrom ?? []) {
    for (const mount of inherited(spec, deps)) byDestination.set(mount.destination, mount);
  }
  const tmpfs = Object.entries(hostConfig.Tmpfs ?? {}).map(([target, options]) => tmpfsMount(target, options));
  const seen = new Set<string>();
  const claim = (destination: string, asWritten: string) => {
    if (seen.has(destination)) throw new InvalidParameterError(`Duplicate mount point: ${asWritten}`);
    seen.add(destination);
  };
  for (const bind of hostConfig.Binds ?? []) {
    const mount = bindMount(parseBind(bind, hostConfig.VolumeDriver), deps);
    if (hostConfig.Tmpfs && mount.destination in hostConfig.Tmpfs) seen.add(mount.destination);
    claim(mount.destination, mount.destination);
    byDestination.set(mount.destination, mount);
  }
  for (const request of hostConfig.Mounts ?? []) {
    const mount = bindMount(parseMount(request), deps);
    claim(mount.destination, request.Target);
    byDestination.set(mount.destination, mount);
  }
  // What --tmpfs asks for gives way to a mount at the same place.
  for (const mount of tmpfs) if (!seen.has(mount.destination)) byDestination.set(mount.destination, mount);
  for (const volume of Object.keys(config.Volumes ?? {})) {
    const destination = cleanPath(volume);
    if (byDestination.has(destination)) continue;
    const driver = hostConfig.VolumeDriver || 'local';
    byDestination.set(destination, { ...emptyMount, type: 'volume', destination, driver, copyUp: true });
  }
  return [...byDestination.values()];
}

/** A bind mount with the engine's defaults; volumes and tmpfs stay as they are. */
function bindMount(mount: MountPoint, deps: MountContext): MountPoint {
  if (mount.type !== 'bind') return mount;
  const readOnlyBelow = !mount.readWrite && deps.readOnlyNonRecursive ? 'never' : mount.readOnlyBelow;
  return { ...mount, readOnlyBelow, propagation: propagationOf(mount, deps.root.root) };
}

/**
 * A container with a private copy of the mounts below the data root would keep them from being unmounted, so there
 * such a mount follows the host (rslave) unless it shares in both directions.
 */
function propagationOf({ propagation, source }: MountPoint, dataRoot: string): string {
  if (!source.startsWith(dataRoot) && !dataRoot.startsWith(source)) return propagation || 'rprivate';
  if (propagation === '') return 'rslave';
  if (propagation === 'rslave' || propagation === 'rshared') return propagation;
  throw new InvalidParameterError(
    'invalid mount config: must use either propagation mode "rslave" or "rshared" when mount source is within the ' +
      `daemon root, daemon root: "${dataRoot}", bind mount source: "${source}", propagation: "${propagation}"`,
  );
}

function tmpfsMount(target: string, options: string): MountPoint {
  return { ...emptyMount, type: 'tmpfs', destination: cleanPath(target), tmpfsOptions: options };
}

function inherited(spec: string, { store }: MountContext): MountPoint[] {
  if (spec === '') throw new InvalidParameterError('volumes-from specification cannot be an empty string');
  const at = spec.indexOf(':');
  const reference = at === -1 ? spec : spec.slice(0, at);
  const mode = (at === -1 ? '' : spec.slice(at + 1)) || 'rw';
  if (!isValidMode(mode) || changesMount(mode)) throw new InvalidParameterError(`invalid mode: ${mode}`);
  const other = store.find(reference);
  if (!other) throw new InvalidParameterError(`No such container: ${reference}`);
  return other.record.mounts.map((mount) => ({
    ...mount,
    mode,
    readWrite: mount.readWrite && !isReadOnly(mode),
    copyUp: false,
  }));
}
