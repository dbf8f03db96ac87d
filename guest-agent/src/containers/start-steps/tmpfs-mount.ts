import { SystemError } from '../../api/index.ts';
import type { MountPoint } from '../mount-point.ts';
import type { OciMount } from '../oci-spec/oci.ts';

/** Options of which the last one counts: mount(8), "Filesystem-independent mount options". */
const pairs: ReadonlyArray<readonly [string, string]> = [
  ['exec', 'noexec'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['rw', 'ro'],
  ['async', 'sync'],
  ['atime', 'noatime'],
  ['diratime', 'nodiratime'],
  ['relatime', 'norelatime'],
  ['strictatime', 'nostrictatime'],
  ['mand', 'nomand'],
];
const others: readonly string[] = [
  ...['defaults', 'remount', 'dirsync', 'bind', 'rbind', 'unbindable', 'runbindable', 'private', 'rprivate'],
  ...['shared', 'rshared', 'slave', 'rslave'],
];
/** tmpfs(5). */
const withValue: readonly string[] = ['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'];

const defaults: readonly string[] = ['noexec', 'nosuid', 'nodev', 'rprivate'];

/** The later of two options that exclude each other counts. */
export function tmpfsMount(mount: MountPoint): OciMount {
  const asked = mount.tmpfsOptions === '' ? [] : mount.tmpfsOptions.split(',');
  const options = new Map<string, string>();
  for (const option of [...defaults, ...asked]) {
    const key = keyOf(option);
    options.delete(key);
    options.set(key, option);
  }
  return { destination: mount.destination, type: 'tmpfs', source: 'tmpfs', options: [...options.values()] };
}

/** The same for options that exclude each other. */
function keyOf(option: string): string {
  const pair = pairs.find((names) => names.includes(option));
  if (pair) return pair[0];
  if (others.includes(option)) return option;
  const [name = '', value] = option.split('=', 2);
  if (value === undefined || !withValue.includes(name)) {
    throw new SystemError(`invalid tmpfs option ${JSON.stringify(value === undefined ? option : name)}`);
  }
  return name;
}
