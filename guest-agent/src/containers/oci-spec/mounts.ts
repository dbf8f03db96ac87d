import type { SpecModifier } from './context.ts';
import type { OciMount } from './oci.ts';
import { securityOptions } from './security-options.ts';

const mount = (destination: string, type: string, options: string[]): OciMount => ({
  destination,
  type,
  source: type === 'tmpfs' && destination === '/dev/shm' ? 'shm' : type,
  options,
});

const sealed = ['nosuid', 'noexec', 'nodev'];

/** The file systems every container has, in Docker's order. */
export const defaultMountsModifier: SpecModifier = (spec, { record }) => {
  const { Privileged: privileged, ShmSize: shmSize } = record.hostConfig;
  const access = privileged ? 'rw' : 'ro';
  const { writableCgroups } = securityOptions(record.hostConfig.SecurityOpt ?? []);
  const cgroupAccess = (writableCgroups ?? privileged) ? 'rw' : 'ro';
  spec.mounts = [
    mount('/proc', 'proc', sealed),
    mount('/dev', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    mount('/dev/pts', 'devpts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']),
    mount('/sys', 'sysfs', [...sealed, access]),
    // runc mounts whichever version the machine has under this name.
    mount('/sys/fs/cgroup', 'cgroup', [cgroupAccess, ...sealed]),
    mount('/dev/mqueue', 'mqueue', sealed),
    mount('/dev/shm', 'tmpfs', [...sealed, 'mode=1777', `size=${shmSize}`]),
  ];
};

/** Shared memory that is also somebody else's is mounted from where that one has it; --ipc=none has none. */
export const ipcMountsModifier: SpecModifier = (spec, { record, sharedMemory }) => {
  if (record.hostConfig.IpcMode !== 'none' && sharedMemory === null) return;
  spec.mounts = spec.mounts.filter((entry) => entry.destination !== '/dev/shm');
  if (sharedMemory === null) return;
  const options = ['rbind', 'rprivate'];
  spec.mounts.push({ destination: '/dev/shm', type: 'bind', source: sharedMemory, options });
};

/** /etc/resolv.conf, hostname and hosts come from the engine, unless the user mounts something there. */
export const networkFilesModifier: SpecModifier = (spec, { record, paths }) => {
  // Without a network there is nothing to say.
  if (record.config.NetworkDisabled) return;
  const files = { '/etc/resolv.conf': paths.resolvConf, '/etc/hostname': paths.hostname, '/etc/hosts': paths.hosts };
  const taken = new Set(record.mounts.map((entry) => entry.destination));
  for (const [destination, source] of Object.entries(files)) {
    if (!taken.has(destination))
      spec.mounts.push({ destination, type: 'bind', source, options: ['rbind', 'rprivate'] });
  }
};

/** The container's own mounts replace default ones at the same place, and under a /dev of its own all of them. */
export const userMountsModifier: SpecModifier = (spec, context) => {
  const depth = (entry: OciMount) => entry.destination.split('/').length;
  const own = [...context.mounts].sort((a, b) => depth(a) - depth(b));
  const taken = new Set(own.map((entry) => entry.destination));
  const hidden = ({ destination }: OciMount) => taken.has('/dev') && destination.startsWith('/dev/');
  spec.mounts = [...spec.mounts.filter((entry) => !taken.has(entry.destination) && !hidden(entry)), ...own];
  spec.linux.rootfsPropagation = rootPropagation(own);
  if (spec.linux.rootfsPropagation === undefined) delete spec.linux.rootfsPropagation;
};

/** Mounts only pass on what the root above them passes on. Absent: the runtime's own choice, private. */
function rootPropagation(mounts: readonly OciMount[]): string | undefined {
  const has = (kind: string) => mounts.some(({ options }) => options.some((option) => option.endsWith(kind)));
  if (has('shared')) return 'shared';
  return has('slave') ? 'rslave' : undefined;
}
