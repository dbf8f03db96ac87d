import type { SpecModifier } from './context.ts';
import type { OciMount } from './oci.ts';

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
  spec.mounts = [
    mount('/proc', 'proc', sealed),
    mount('/dev', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    mount('/dev/pts', 'devpts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']),
    mount('/sys', 'sysfs', [...sealed, access]),
    // runc mounts whichever version the machine has under this name.
    mount('/sys/fs/cgroup', 'cgroup', [access, ...sealed]),
    mount('/dev/mqueue', 'mqueue', sealed),
    mount('/dev/shm', 'tmpfs', [...sealed, 'mode=1777', `size=${shmSize}`]),
  ];
};

/** --ipc=host and --ipc=container:… bring the other side's /dev/shm and /dev/mqueue; --ipc=none has neither shm. */
export const ipcMountsModifier: SpecModifier = (spec, { record, namespaces }) => {
  const mode = record.hostConfig.IpcMode;
  const drop = (destination: string) =>
    (spec.mounts = spec.mounts.filter((entry) => entry.destination !== destination));
  if (mode === 'none') drop('/dev/shm');
  if (mode !== 'host' && !mode.startsWith('container:')) return;
  drop('/dev/shm');
  drop('/dev/mqueue');
  const source = mode === 'host' || !namespaces.ipc ? '/dev' : `${namespaces.ipc.replace(/\/ns\/ipc$/, '')}/root/dev`;
  for (const name of ['shm', 'mqueue']) {
    spec.mounts.push({
      destination: `/dev/${name}`,
      type: 'bind',
      source: `${source}/${name}`,
      options: ['rbind', 'rprivate'],
    });
  }
};

/** /etc/resolv.conf, hostname and hosts come from the engine, unless the user mounts something there. */
export const networkFilesModifier: SpecModifier = (spec, { record, paths }) => {
  const files = { '/etc/resolv.conf': paths.resolvConf, '/etc/hostname': paths.hostname, '/etc/hosts': paths.hosts };
  const taken = new Set(record.mounts.map((entry) => entry.destination));
  for (const [destination, source] of Object.entries(files)) {
    if (!taken.has(destination))
      spec.mounts.push({ destination, type: 'bind', source, options: ['rbind', 'rprivate'] });
  }
};

/** The container's own mounts replace default ones at the same place; parents before children. */
export const userMountsModifier: SpecModifier = (spec, context) => {
  const depth = (entry: OciMount) => entry.destination.split('/').length;
  const own = [...context.mounts].sort((a, b) => depth(a) - depth(b));
  const taken = new Set(own.map((entry) => entry.destination));
  spec.mounts = [...spec.mounts.filter((entry) => !taken.has(entry.destination)), ...own];
};
