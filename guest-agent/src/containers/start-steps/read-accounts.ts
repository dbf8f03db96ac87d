import type { Mount } from '../../containerd/snapshots.ts';
import { readLayered } from '../../storage/layered-files.ts';
import type { AccountFiles } from '../oci-spec/user.ts';

/** The container's /etc/passwd and /etc/group, read from its layers without mounting them. */
export async function readAccounts(rootfs: readonly Mount[]): Promise<AccountFiles> {
  const layers = layersOf(rootfs);
  const [passwd, group] = await Promise.all([readLayered(layers, '/etc/passwd'), readLayered(layers, '/etc/group')]);
  return { passwd: passwd ?? '', group: group ?? '' };
}

/** Folders of an overlay (or of a plain bind), topmost first. */
export function layersOf(rootfs: readonly Mount[]): string[] {
  const [mount] = rootfs;
  if (!mount) return [];
  if (mount.type === 'bind') return [mount.source];
  const option = (name: string) => mount.options.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);
  const upper = option('upperdir');
  const lower = option('lowerdir')?.split(':') ?? [];
  return upper === undefined ? lower : [upper, ...lower];
}
