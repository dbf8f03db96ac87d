import path from 'node:path';
import type { MountRequest } from '../../api/engine/host-config.ts';
import type { MountPoint } from '../mount-point.ts';
import { emptyMount } from './parse-bind.ts';

/** One of HostConfig.Mounts, which validateMount has accepted. */
export function parseMount(mount: MountRequest): MountPoint {
  const common: MountPoint = {
    ...emptyMount,
    destination: cleanPath(mount.Target),
    readWrite: !mount.ReadOnly,
    fromMountsApi: true,
  };
  if (mount.Type === 'bind') return bindMount(mount, common);
  if (mount.Type === 'tmpfs') return { ...common, type: 'tmpfs', tmpfsOptions: tmpfsOptions(mount) };
  if (mount.Type === 'image') return imageMount(mount, common);
  return {
    ...common,
    type: 'volume',
    name: mount.Source,
    driver: mount.VolumeOptions?.DriverConfig?.Name || 'local',
    copyUp: !mount.VolumeOptions?.NoCopy,
    mode: 'z',
    subpath: mount.VolumeOptions?.Subpath ?? '',
    volumeLabels: mount.VolumeOptions?.Labels ?? null,
    volumeOptions: mount.VolumeOptions?.DriverConfig?.Options ?? null,
  };
}

export const cleanPath = (file: string): string => path.posix.normalize(file).replace(/(.)\/$/, '$1');

function bindMount(mount: MountRequest, common: MountPoint): MountPoint {
  const options = mount.BindOptions;
  return {
    ...common,
    type: 'bind',
    source: cleanPath(mount.Source),
    propagation: options?.Propagation ?? '',
    nonRecursive: options?.NonRecursive ?? false,
    readOnlyBelow: readOnlyBelow(options),
    conflict: conflictOf(mount),
    createSource: options?.CreateMountpoint ?? false,
  };
}

function readOnlyBelow(bind: MountRequest['BindOptions']): MountPoint['readOnlyBelow'] {
  if (bind?.ReadOnlyForceRecursive) return 'always';
  return bind?.ReadOnlyNonRecursive ? 'never' : 'where-possible';
}

function conflictOf({ ReadOnly: readOnly, BindOptions: options }: MountRequest): string {
  const { ReadOnlyNonRecursive: flat = false, ReadOnlyForceRecursive: force = false } = options ?? {};
  if (!readOnly && flat) return '!ReadOnly && BindOptions.ReadOnlyNonRecursive';
  if (!readOnly && force) return '!ReadOnly && BindOptions.ReadOnlyForceRecursive';
  return flat && force ? 'ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive' : '';
}

/** The image is looked up, and its files are made ready, by the create step. */
function imageMount(mount: MountRequest, common: MountPoint): MountPoint {
  return {
    ...common,
    type: 'image',
    name: mount.Source,
    readWrite: false,
    propagation: 'rprivate',
    subpath: mount.ImageOptions?.Subpath ?? '',
  };
}

/** The largest unit that divides the size, as dockerd writes it. */
function sizeOption(bytes: number): string {
  const units: ReadonlyArray<readonly [string, number]> = [
    ['g', 1024 ** 3],
    ['m', 1024 ** 2],
    ['k', 1024],
  ];
  const [unit, divisor] = units.find(([, candidate]) => bytes % candidate === 0) ?? ['', 1];
  return `size=${bytes / divisor}${unit}`;
}

function tmpfsOptions({ TmpfsOptions: options, ReadOnly: readOnly }: MountRequest): string {
  return [
    ...(readOnly ? ['ro'] : []),
    ...(options?.Mode ? [`mode=${options.Mode.toString(8)}`] : []),
    ...(options?.SizeBytes ? [sizeOption(options.SizeBytes)] : []),
    ...(options?.Options ?? []).map((option) => (option ?? []).join('=')),
  ].join(',');
}
