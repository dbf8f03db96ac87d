import type { HostConfig } from '../../api/engine/host-config.ts';
import { InvalidParameterError, NotImplementedError } from '../../api/index.ts';
import type { ContainerDependencies } from '../dependencies.ts';
import { acceptedLogDrivers, builtLogDrivers, validateLogOptions } from '../validate/log-options.ts';
import { defaultMaskedPaths, defaultReadonlyPaths } from '../oci-spec/security.ts';

const otherLogDrivers = ['awslogs', 'etwlogs', 'gcplogs', 'logentries', 'splunk'];

/** HostConfig with the engine's choices where the request makes none; names of shared containers become their ids. */
export function hostConfigWithDefaults(config: HostConfig, deps: ContainerDependencies): HostConfig {
  const { settings, specHost } = deps;
  return {
    ...config,
    NetworkMode: sharedId(config.NetworkMode, deps),
    IpcMode: sharedId(config.IpcMode || settings.defaultIpcMode, deps),
    PidMode: sharedId(config.PidMode, deps),
    RestartPolicy: { ...config.RestartPolicy, Name: config.RestartPolicy.Name || 'no' },
    ConsoleSize: config.ConsoleSize ?? [0, 0],
    CgroupnsMode: config.CgroupnsMode || cgroupnsMode(config, deps),
    SecurityOpt: securityOptions(config, deps),
    ShmSize: config.ShmSize || settings.defaultShmBytes,
    Runtime: config.Runtime || settings.defaultRuntime,
    OomKillDisable: specHost.cgroupVersion === 1 ? (config.OomKillDisable ?? false) : config.OomKillDisable,
    MemorySwap: config.Memory > 0 && config.MemorySwap === 0 ? config.Memory * 2 : config.MemorySwap,
    PidsLimit: config.PidsLimit !== null && config.PidsLimit <= 0 ? null : config.PidsLimit,
    MaskedPaths: config.Privileged ? null : (config.MaskedPaths ?? [...defaultMaskedPaths]),
    ReadonlyPaths: config.Privileged ? null : (config.ReadonlyPaths ?? [...defaultReadonlyPaths]),
  };
}

/** With cgroup version 1 a privileged container sees the machine's cgroups, whatever daemon.json says. */
function cgroupnsMode({ Privileged }: HostConfig, { settings, specHost }: ContainerDependencies): string {
  if (Privileged && specHost.cgroupVersion === 1) return 'host';
  return settings.defaultCgroupnsMode ?? (specHost.cgroupVersion === 2 ? 'private' : 'host');
}

/** A container that shares the machine's processes or IPC is not labelled; one that shares another's has to find it. */
function securityOptions(config: HostConfig, { store }: ContainerDependencies): string[] | null {
  const options = config.SecurityOpt ?? [];
  if (options.some((option) => option.split('=')[0] === 'label')) return config.SecurityOpt;
  const { IpcMode: ipc, PidMode: pid } = config;
  if (ipc === 'host' || pid === 'host' || config.Privileged) return [...options, 'label=disable'];
  for (const mode of [ipc, pid]) if (/^container:./.test(mode)) refuseMissing(mode.slice('container:'.length), store);
  return config.SecurityOpt;
}

function refuseMissing(reference: string, store: ContainerDependencies['store']): void {
  try {
    store.get(reference);
  } catch (error) {
    throw new InvalidParameterError((error as Error).message, { cause: error });
  }
}

/** container:NAME → container:ID, so that a rename does not cut the tie; an unknown name is left for later to refuse. */
function sharedId(mode: string, { store }: ContainerDependencies): string {
  if (!mode.startsWith('container:')) return mode;
  const other = store.find(mode.slice('container:'.length));
  return other ? `container:${other.id}` : mode;
}

/** The log driver and its options, daemon.json's where the container names none. */
export function logConfig(
  config: HostConfig['LogConfig'],
  settings: ContainerDependencies['settings'],
): HostConfig['LogConfig'] {
  const type = config.Type || settings.logDriver;
  if (!acceptedLogDrivers.includes(type) && !otherLogDrivers.includes(type)) {
    throw new InvalidParameterError(`error looking up logging plugin ${type}: plugin "${type}" not found`);
  }
  if (!acceptedLogDrivers.includes(type)) {
    throw new NotImplementedError(`log driver ${type}: berth has ${builtLogDrivers.join(', ')} and none`);
  }
  // What daemon.json says about the cache is for every driver.
  const general = Object.entries(settings.logOptions).filter(([name]) => name.startsWith('cache-'));
  const inherited = type === settings.logDriver ? settings.logOptions : Object.fromEntries(general);
  const merged = { ...inherited, ...config.Config };
  validateLogOptions(type, merged);
  return { Type: type, Config: merged };
}
