import path from 'node:path';
import type { ContainerConfig } from '../../api/engine/container-config.ts';
import type { HostConfig } from '../../api/engine/host-config.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import type { MountPoint } from '../mount-point.ts';
import { emptyMount, isReadOnly, isValidMode, parseBind } from './parse-bind.ts';
import { parseMount } from './parse-mount.ts';

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
  const own = [
    ...(hostConfig.Binds ?? []).map((bind) => bindMount(parseBind(bind, hostConfig.VolumeDriver), deps)),
    ...(hostConfig.Mounts ?? []).map((mount) => bindMount(parseMount(mount), deps)),
    ...Object.entries(hostConfig.Tmpfs ?? {}).map(([target, options]) => tmpfs(target, options)),
  ];
  const seen = new Set<string>();
  for (const mount of own) {
    if (seen.has(mount.destination)) throw new InvalidParameterError(`Duplicate mount point: ${mount.destination}`);
    seen.add(mount.destination);
    byDestination.set(mount.destination, mount);
  }
  for (const volume of Object.keys(config.Volumes ?? {})) {
    const destination = path.posix.normalize(volume).replace(/(.)\/$/, '$1');
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

function tmpfs(target: string, options: string): MountPoint {
  if (!path.posix.isAbsolute(target))
    throw new InvalidParameterError(`invalid mount path: '${target}' mount path must be absolute`);
  if (path.posix.normalize(target) === '/')
    throw new InvalidParameterError("invalid specification: destination can't be '/'");
  return { ...emptyMount, type: 'tmpfs', destination: path.posix.normalize(target), tmpfsOptions: options };
}

function inherited(spec: string, { store }: MountContext): MountPoint[] {
  const at = spec.indexOf(':');
  const [reference, mode] = at === -1 ? [spec, 'rw'] : [spec.slice(0, at), spec.slice(at + 1)];
  if (!isValidMode(mode)) throw new InvalidParameterError(`invalid mode: ${mode}`);
  const other = store.find(reference);
  if (!other) throw new InvalidParameterError(`No such container: ${reference}`);
  return other.record.mounts.map((mount) => ({
    ...mount,
    mode,
    readWrite: mount.readWrite && !isReadOnly(mode),
    copyUp: false,
  }));
}
