import { existsSync } from 'node:fs';
import path from 'node:path';
import type { MountRequest } from '../../api/engine/host-config.ts';
import { InvalidParameterError, NotImplementedError } from '../../api/index.ts';
import type { MountPoint } from '../mount-point.ts';
import { emptyMount } from './parse-bind.ts';

const propagations = ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'];

/** One of HostConfig.Mounts, refused with Docker's texts. */
export function parseMount(mount: MountRequest): MountPoint {
  const problem = commonProblem(mount) ?? typeProblem(mount);
  if (problem !== null) throw new InvalidParameterError(`invalid mount config for type "${mount.Type}": ${problem}`);
  const common = {
    ...emptyMount,
    destination: path.posix.normalize(mount.Target),
    readWrite: !mount.ReadOnly,
    fromMountsApi: true,
  };
  if (mount.Type === 'bind') return bindMount(mount, common);
  if (mount.Type === 'tmpfs') return { ...common, type: 'tmpfs', tmpfsOptions: tmpfsOptions(mount) };
  return {
    ...common,
    type: 'volume',
    name: mount.Source,
    driver: mount.VolumeOptions?.DriverConfig?.Name || 'local',
    copyUp: !mount.VolumeOptions?.NoCopy,
    mode: 'z',
    subpath: mount.VolumeOptions?.Subpath ?? '',
  };
}

function bindMount(mount: MountRequest, common: MountPoint): MountPoint {
  return {
    ...common,
    type: 'bind',
    source: path.posix.normalize(mount.Source),
    propagation: mount.BindOptions?.Propagation ?? '',
    nonRecursive: mount.BindOptions?.NonRecursive ?? false,
    readOnlyBelow: readOnlyBelow(mount.BindOptions),
    createSource: mount.BindOptions?.CreateMountpoint ?? false,
  };
}

function readOnlyBelow(bind: MountRequest['BindOptions']): MountPoint['readOnlyBelow'] {
  if (bind?.ReadOnlyForceRecursive) return 'always';
  return bind?.ReadOnlyNonRecursive ? 'never' : 'where-possible';
}

function commonProblem({ Target: target, Type: type }: MountRequest): string | null {
  if (target === '') return 'field Target must not be empty';
  if (path.posix.normalize(target) === '/') return "invalid specification: destination can't be '/'";
  if (!path.posix.isAbsolute(target)) return `invalid mount path: '${target}' mount path must be absolute`;
  if (type === 'image') throw new NotImplementedError('image mounts: berth does not have this yet');
  if (!['bind', 'volume', 'tmpfs'].includes(type)) return 'mount type unknown';
  return null;
}

function typeProblem(mount: MountRequest): string | null {
  if (mount.Type === 'bind') return bindProblem(mount);
  if (mount.BindOptions) return 'field BindOptions must not be specified';
  if (mount.Type === 'tmpfs') return mount.Source === '' ? null : 'field Source must not be specified';
  const subpath = mount.VolumeOptions?.Subpath ?? '';
  if (subpath !== '' && mount.Source === '') return 'must not set Subpath when using anonymous volumes';
  if (subpath !== '' && !isLocal(subpath)) return 'subpath must be a relative path within the volume';
  if (mount.ReadOnly && mount.Source === '') return 'must not set ReadOnly mode when using anonymous volumes';
  return null;
}

function bindProblem(mount: MountRequest): string | null {
  if (mount.Source === '') return 'field Source must not be empty';
  const propagation = mount.BindOptions?.Propagation ?? '';
  if (propagation !== '' && !propagations.includes(propagation)) return `invalid propagation mode: ${propagation}`;
  if (mount.VolumeOptions) return 'field VolumeOptions must not be specified';
  if (!path.posix.isAbsolute(mount.Source)) return `invalid mount path: '${mount.Source}' mount path must be absolute`;
  if (!mount.BindOptions?.CreateMountpoint && !existsSync(mount.Source)) {
    return `bind source path does not exist: ${mount.Source}`;
  }
  return null;
}

const isLocal = (file: string): boolean =>
  !path.posix.isAbsolute(file) && !path.posix.normalize(file).split('/').includes('..');

function tmpfsOptions({ TmpfsOptions: options, ReadOnly: readOnly }: MountRequest): string {
  const raw = (options?.Options ?? []).map((option) => (option ?? []).join('='));
  const unknown = raw.find((option) => !['exec', 'noexec'].includes(option));
  if (unknown !== undefined) {
    throw new InvalidParameterError(`invalid mount config for type "tmpfs": invalid option: ${unknown.split('=')[0]}`);
  }
  return [
    ...(readOnly ? ['ro'] : []),
    ...(options?.Mode ? [`mode=${options.Mode.toString(8)}`] : []),
    ...(options?.SizeBytes ? [`size=${options.SizeBytes}`] : []),
    ...raw,
  ].join(',');
}
