import path from 'node:path';
import type { MountRequest } from '../../api/engine/host-config.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { BindSources } from '../bind-sources.ts';

const propagations = ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'];
/** Refuses with dockerd's texts. */
export async function validateMount(mount: MountRequest, sources: BindSources): Promise<void> {
  const problem = targetProblem(mount.Target) ?? (await typeProblem(mount, sources));
  if (problem !== null) throw new InvalidParameterError(`invalid mount config for type "${mount.Type}": ${problem}`);
}

/** null when a mount may go there. */
export function targetProblem(target: string): string | null {
  if (target === '') return 'field Target must not be empty';
  if (path.posix.normalize(target).replace(/(.)\/$/, '$1') === '/')
    return "invalid specification: destination can't be '/'";
  return path.posix.isAbsolute(target) ? null : `invalid mount path: '${target}' mount path must be absolute`;
}

async function typeProblem(mount: MountRequest, sources: BindSources): Promise<string | null> {
  const { Type: type } = mount;
  if (type === 'bind') return await bindProblem(mount, sources);
  if (type === 'volume') return volumeProblem(mount);
  if (type === 'tmpfs') return tmpfsProblem(mount);
  if (type === 'image') return imageProblem(mount);
  return 'mount type unknown';
}

const noImageOptions = (mount: MountRequest): string | null =>
  mount.ImageOptions === null ? null : 'field ImageOptions must not be specified';

async function bindProblem(mount: MountRequest, sources: BindSources): Promise<string | null> {
  if (mount.Source === '') return 'field Source must not be empty';
  const propagation = mount.BindOptions?.Propagation ?? '';
  if (propagation !== '' && !propagations.includes(propagation)) return `invalid propagation mode: ${propagation}`;
  if (mount.ImageOptions !== null) return noImageOptions(mount);
  if (!path.posix.isAbsolute(mount.Source)) return `invalid mount path: '${mount.Source}' mount path must be absolute`;
  if (mount.BindOptions?.CreateMountpoint) return null;
  const found = await sources.find(mount.Source, { create: false });
  return found === null ? `bind source path does not exist: ${mount.Source}` : null;
}

const subpathWords = 'subpath must be a relative path within the volume';

function volumeProblem(mount: MountRequest): string | null {
  if (mount.ImageOptions !== null) return noImageOptions(mount);
  const subpath = mount.VolumeOptions?.Subpath ?? '';
  if (subpath !== '' && mount.Source === '') return 'must not set Subpath when using anonymous volumes';
  if (subpath !== '' && !isLocal(subpath)) return subpathWords;
  if (mount.ReadOnly && mount.Source === '') return 'must not set ReadOnly mode when using anonymous volumes';
  return null;
}

function tmpfsProblem(mount: MountRequest): string | null {
  if (mount.ImageOptions !== null) return noImageOptions(mount);
  if (mount.Source !== '') return 'field Source must not be specified';
  for (const option of mount.TmpfsOptions?.Options ?? []) {
    const [name = ''] = option ?? [];
    if (!option || option.length < 1 || option.length > 2) return 'invalid option array length';
    if (!['exec', 'noexec'].includes(name)) return `invalid option: ${name}`;
  }
  return null;
}

function imageProblem(mount: MountRequest): string | null {
  if (mount.Source === '') return 'field Source must not be empty';
  const subpath = mount.ImageOptions?.Subpath ?? '';
  return subpath !== '' && !isLocal(subpath) ? subpathWords : null;
}

const isLocal = (file: string): boolean =>
  !path.posix.isAbsolute(file) && path.posix.normalize(file).split('/')[0] !== '..';
