import type { AddressPoolSetting } from './networks/choose-subnets.ts';
import { bitsOf, readSubnet } from './networks/cidr.ts';
import { type NetworkSettings, networkSettings } from './networks/network-settings.ts';
import { InvalidParameterError } from './api/index.ts';
import { logLevels } from './config.ts';
import type { HostConfig } from './api/engine/host-config.ts';
import { readBuilderSettings, type BuilderSettings } from './builder/builder-settings.ts';
import { InsecureRegistries } from './images/registry/insecure-registries.ts';
import { readMirrors } from './images/registry/mirrors.ts';
import { readProxies, type ProxySettings } from './images/registry/proxies.ts';
import type { ContainerSettings } from './containers/dependencies.ts';
import { readSize } from './text/size-text.ts';
import { configuredRuntimes, defaultRuntime, type RuntimeHost } from './containers/runtimes/configured-runtimes.ts';

export interface EngineSettings extends ContainerSettings, NetworkSettings {
  mtu: number;
  /** Empty: Docker's own. */
  addressPools: AddressPoolSetting[];
  insecureRegistries: string[];
  /** Where Docker Hub's images are looked for first. */
  registryMirrors: string[];
  proxies: ProxySettings;
  builder: BuilderSettings;
  labels: string[];
  maxConcurrentDownloads: number;
  maxConcurrentUploads: number;
  maxDownloadAttempts: number;
  debug: boolean;
  noNewPrivileges: boolean;
  /** cgroup under which containers are made. */
  cgroupParent: string;
  /** 'builtin', 'unconfined' or a file. */
  seccompProfile: string;
  /** docker-init; null: the machine's own. */
  initPath: string | null;
  /** null: CDI is off. */
  cdiSpecDirs: string[] | null;
}

type DaemonJson = Readonly<Record<string, unknown>>;

const defaultMtu = 1500;
const defaultShmBytes = 64 * 1024 * 1024;
const defaultCdiDirs = ['/etc/cdi', '/var/run/cdi'];

export interface SettingsHost extends RuntimeHost {
  hostname: string;
  /** Left out: no. */
  windowsPaths?: boolean;
}

/** What daemon.json (dockerd's documentation, "Daemon configuration file") means for this engine. */
export function engineSettings(json: DaemonJson, host: SettingsHost): EngineSettings {
  const value = <T>(key: string): T | undefined => json[key] as T | undefined;
  refuseUnsupported(json);
  const runtimes = configuredRuntimes(value<Parameters<typeof configuredRuntimes>[0]>('runtimes') ?? {}, host);
  return {
    hostname: host.hostname,
    windowsPaths: host.windowsPaths ?? false,
    runtimes,
    defaultRuntime: defaultRuntime(value<string>('default-runtime'), runtimes),
    ...containerDefaults(json),
    logDriver: value<string>('log-driver') ?? 'json-file',
    logOptions: value<Record<string, string>>('log-opts') ?? {},
    dns: value<string[]>('dns') ?? [],
    dnsOptions: value<string[]>('dns-opts') ?? [],
    dnsSearch: value<string[]>('dns-search') ?? [],
    ...networkSettings(json),
    mtu: value<number>('mtu') || defaultMtu,
    addressPools: addressPools(value<unknown[]>('default-address-pools') ?? []),
    ...registrySettings(json),
    builder: readBuilderSettings(value<Record<string, unknown>>('builder') ?? {}),
    labels: value<string[]>('labels') ?? [],
    shutdownTimeoutSeconds: value<number>('shutdown-timeout') || 15,
    maxConcurrentUploads: value<number>('max-concurrent-uploads') || 5,
    maxConcurrentDownloads: value<number>('max-concurrent-downloads') || 3,
    maxDownloadAttempts: value<number>('max-download-attempts') || 5,
    debug: value<boolean>('debug') ?? false,
    cdiSpecDirs: value<Record<string, boolean>>('features')?.['cdi'] === false ? null : cdiDirs(value('cdi-spec-dirs')),
  };
}

/** Throws InvalidParameterError in Docker's words for entries that are none. */
function registrySettings(
  json: DaemonJson,
): Pick<EngineSettings, 'insecureRegistries' | 'registryMirrors' | 'proxies'> {
  const insecureRegistries = (json['insecure-registries'] as string[] | undefined) ?? [];
  void new InsecureRegistries(insecureRegistries);
  return {
    insecureRegistries,
    registryMirrors: readMirrors((json['registry-mirrors'] as string[] | undefined) ?? []),
    proxies: readProxies((json['proxies'] as Record<string, string> | undefined) ?? {}),
  };
}

function addressPools(pools: readonly unknown[]): AddressPoolSetting[] {
  return pools.map((pool) => {
    const { base, size } = (pool ?? {}) as Partial<AddressPoolSetting>;
    const subnet = typeof base === 'string' ? readSubnet(base) : null;
    if (subnet && typeof size === 'number' && size >= subnet.prefix && size <= bitsOf(subnet.family))
      return { base: base as string, size };
    throw new InvalidParameterError(
      `default-address-pools: expected {"base": "10.10.0.0/16", "size": 24}, size between the base's prefix and the address's length; got ${JSON.stringify(pool)}`,
    );
  });
}

/** [''] is Docker's way to say none. */
const cdiDirs = (dirs: string[] | undefined): string[] | null => {
  const given = (dirs ?? defaultCdiDirs).filter((dir) => dir !== '');
  return given.length > 0 ? given : null;
};

type ContainerDefaults = Pick<
  EngineSettings,
  | ('defaultShmBytes' | 'defaultStopTimeoutSeconds' | 'defaultIpcMode' | 'defaultCgroupnsMode' | 'defaultUlimits')
  | ('init' | 'initPath' | 'noNewPrivileges' | 'cgroupParent' | 'seccompProfile')
>;

function containerDefaults(json: DaemonJson): ContainerDefaults {
  const value = <T>(key: string): T | undefined => json[key] as T | undefined;
  return {
    defaultShmBytes: sizeInBytes(value<string | number>('default-shm-size')) ?? defaultShmBytes,
    defaultStopTimeoutSeconds: 10,
    defaultIpcMode: oneOf('default-ipc-mode', value('default-ipc-mode'), ['private', 'shareable']) ?? 'private',
    defaultCgroupnsMode: oneOf('default-cgroupns-mode', value('default-cgroupns-mode'), ['host', 'private']) ?? null,
    defaultUlimits: ulimits(value('default-ulimits') ?? {}),
    init: value<boolean>('init') ?? false,
    initPath: value<string>('init-path') || null,
    noNewPrivileges: value<boolean>('no-new-privileges') ?? false,
    cgroupParent: value<string>('cgroup-parent') || '/docker',
    seccompProfile: value<string>('seccomp-profile') || 'builtin',
  };
}

function oneOf(key: string, given: string | undefined, allowed: readonly string[]): string | undefined {
  if (given === undefined || given === '' || allowed.includes(given)) return given || undefined;
  throw new InvalidParameterError(`${key}: expected ${allowed.join(' or ')}, got ${JSON.stringify(given)}`);
}

type Ulimit = NonNullable<HostConfig['Ulimits']>[number];

/** daemon.json's { "nofile": { "Name": "nofile", "Hard": 64000, "Soft": 64000 } }. */
function ulimits(given: Readonly<Record<string, Partial<Ulimit>>>): Ulimit[] {
  return Object.entries(given).map(([name, { Hard = 0, Soft = 0 }]) => {
    if (Hard !== -1 && (Soft === -1 || Soft > Hard)) {
      throw new InvalidParameterError(
        `default-ulimits: ulimit soft limit must be less than or equal to hard limit: ${Soft} > ${Hard} (${name})`,
      );
    }
    return { Name: name, Hard, Soft };
  });
}

/** Values of known keys that mean something which this engine does not do. */
function refuseUnsupported(json: DaemonJson): void {
  const refuse = (why: string) => {
    throw new InvalidParameterError(why);
  };
  if (json['selinux-enabled'] === true) refuse('selinux-enabled: the machine has no SELinux');
  if (json['live-restore'] === false) refuse('live-restore: containers always outlive the engine here');
  if (json['experimental'] === true) refuse('experimental: there are no experimental features here');
  if (json['ip-forward-no-drop'] === false)
    refuse('ip-forward-no-drop: the policy of the FORWARD chain is never changed here; expected true');
  oneOf('firewall-backend', json['firewall-backend'] as string | undefined, ['nftables']);
  oneOf('storage-driver', json['storage-driver'] as string | undefined, ['overlayfs', 'overlay2']);
  oneOf('log-level', (json['log-level'] as string | undefined)?.toLowerCase(), Object.keys(logLevels));
  for (const option of (json['exec-opts'] as string[] | undefined) ?? []) {
    const [key = '', driver = ''] = option.split('=', 2);
    if (key !== 'native.cgroupdriver') refuse(`exec-opts: unknown option ${JSON.stringify(option)}`);
    if (driver !== 'cgroupfs') refuse(`native.cgroupdriver option ${driver} not supported`);
  }
  for (const [feature, isOn] of Object.entries((json['features'] as Record<string, boolean> | undefined) ?? {})) {
    const isFixed = ['containerd-snapshotter', 'buildkit'].includes(feature);
    if (feature === 'cdi' || (isFixed && isOn)) continue;
    refuse(isFixed ? `features: ${feature} cannot be switched off` : `features: unknown feature ${feature}`);
  }
}

/** '64m', '1GiB' or a number of bytes. */
function sizeInBytes(size: string | number | undefined): number | undefined {
  if (size === undefined || typeof size === 'number') return size;
  const bytes = readSize(size, 1024);
  if (bytes === null)
    throw new InvalidParameterError(`default-shm-size: expected a size like 64m, got ${JSON.stringify(size)}`);
  return bytes;
}
