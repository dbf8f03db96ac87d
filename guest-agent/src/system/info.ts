import { readdirSync } from 'node:fs';
import { apiVersion, minApiVersion } from '../api/index.ts';
import { rfc3339Nano, type NanoClock } from '../clock.ts';
import type { VersionClient } from '../containerd/version.ts';
import type { ContainerStore } from '../containers/container-store.ts';
import type { CdiDevices } from '../containers/devices/cdi-devices.ts';
import type { ContainerSettings } from '../containers/dependencies.ts';
import { builtLogDrivers } from '../containers/validate/log-options.ts';
import { berthVersion, engineVersion } from '../product.ts';
import type { HostFacts } from './host-facts.ts';
import type { ToolVersion } from './runtime-version.ts';

export interface SystemDependencies {
  facts: HostFacts;
  store: ContainerStore;
  settings: ContainerSettings;
  version: VersionClient;
  /** Number of images. */
  countImages(): Promise<number>;
  eventListeners(): number;
  engineId: string;
  dataRoot: string;
  containerdAddress: string;
  /** containerd's, of containers. */
  namespace: string;
  /** Containers' users are others on the machine. */
  isRemapped: boolean;
  hasAppArmor: boolean;
  snapshotter: string;
  /** Asked of the programs themselves. */
  tools: () => Promise<Record<'runc' | 'init', ToolVersion>>;
  initBinary: string | null;
  /** 'builtin', 'unconfined' or a file. */
  seccompProfile: string;
  noNewPrivileges: boolean;
  debug: boolean;
  cdi: CdiDevices | null;
  /** /info's Runtimes. */
  runtimeViews: () => Promise<Record<string, object>>;
  /** /info's RegistryConfig, and its proxies. */
  registryConfig: object;
  proxies: object;
  labels: string[];
  clock: NanoClock;
}

/** SystemVersion of the Engine API. */
export async function versionView(deps: SystemDependencies): Promise<object> {
  const { facts } = deps;
  const [containerd, { runc, init }] = await Promise.all([deps.version.get(), deps.tools()]);
  const details = {
    ApiVersion: apiVersion,
    Arch: facts.arch,
    BuildTime: '',
    Experimental: 'false',
    GitCommit: '',
    GoVersion: '',
    KernelVersion: facts.kernelVersion,
    MinAPIVersion: minApiVersion,
    Os: 'linux',
  };
  const component = (Name: string, { version, commit }: ToolVersion) => ({
    Name,
    Version: version,
    Details: { GitCommit: commit },
  });
  return {
    Platform: { Name: `berth ${berthVersion}` },
    Components: [
      { Name: 'Engine', Version: engineVersion, Details: details },
      component('containerd', { version: containerd.version, commit: containerd.revision }),
      component('runc', runc),
      component('docker-init', init),
    ],
    Version: engineVersion,
    ApiVersion: apiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: '',
    GoVersion: '',
    Os: 'linux',
    Arch: facts.arch,
    KernelVersion: facts.kernelVersion,
    BuildTime: '',
  };
}

/** SystemInfo of the Engine API. */
export async function infoView(deps: SystemDependencies): Promise<object> {
  const { facts, settings } = deps;
  const cdi = await deps.cdi?.list();
  return {
    ID: deps.engineId,
    ...countContainers(deps.store),
    Images: await deps.countImages(),
    Driver: deps.snapshotter,
    DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'null'],
      Authorization: null,
      Log: [...builtLogDrivers],
    },
    ...abilities(facts),
    Debug: deps.debug,
    NFd: readdirSync('/proc/self/fd').length,
    OomKillDisable: facts.cgroupVersion === 1,
    NGoroutines: 0,
    SystemTime: rfc3339Nano(deps.clock()),
    LoggingDriver: settings.logDriver,
    CgroupDriver: 'cgroupfs',
    CgroupVersion: String(facts.cgroupVersion),
    NEventsListener: deps.eventListeners(),
    ...machineView(facts),
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: deps.registryConfig,
    NCPU: facts.cpuCount,
    MemTotal: facts.memoryBytes,
    GenericResources: null,
    DockerRootDir: deps.dataRoot,
    ...deps.proxies,
    Name: facts.hostname,
    Labels: deps.labels,
    ExperimentalBuild: false,
    ServerVersion: engineVersion,
    Swarm: noSwarm,
    LiveRestoreEnabled: true,
    Isolation: '',
    ...(await runtimeView(deps)),
    SecurityOptions: securityOptions(deps),
    FirewallBackend: { Driver: 'nftables' },
    CDISpecDirs: deps.cdi?.dirs ?? [],
    ...discovered(cdi?.names ?? []),
    Containerd: {
      Address: deps.containerdAddress,
      Namespaces: { Containers: deps.namespace, Plugins: `plugins.${deps.namespace}` },
    },
    Warnings: cdi?.warnings.length ? cdi.warnings : null,
  };
}

const noSwarm = {
  NodeID: '',
  NodeAddr: '',
  LocalNodeState: 'inactive',
  ControlAvailable: false,
  Error: '',
  RemoteManagers: null,
};

function machineView(facts: HostFacts): object {
  return {
    KernelVersion: facts.kernelVersion,
    OperatingSystem: facts.operatingSystem,
    OSVersion: facts.osVersion,
    OSType: 'linux',
    Architecture: facts.machineArchitecture,
  };
}

async function runtimeView(deps: SystemDependencies): Promise<object> {
  const { settings, version, initBinary } = deps;
  const { runc, init } = await deps.tools();
  return {
    Runtimes: await deps.runtimeViews(),
    DefaultRuntime: settings.defaultRuntime,
    InitBinary: initBinary === null ? '' : 'docker-init',
    ContainerdCommit: { ID: (await version.get()).revision },
    RuncCommit: { ID: runc.commit },
    InitCommit: { ID: init.commit },
  };
}

function countContainers(store: ContainerStore): object {
  const phases = store.all().map((container) => container.state.phase);
  const running = phases.filter((phase) => phase === 'running' || phase === 'restarting').length;
  const paused = phases.filter((phase) => phase === 'paused').length;
  return {
    Containers: phases.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: phases.length - running - paused,
  };
}

/** cgroup version 2 has no swap accounting of its own and no kernel memory limits. */
function abilities(facts: HostFacts): object {
  return {
    MemoryLimit: true,
    SwapLimit: true,
    ...(facts.cgroupVersion === 1 && { KernelMemoryTCP: true }),
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
  };
}

const discovered = (names: readonly string[]): object =>
  names.length === 0 ? {} : { DiscoveredDevices: names.map((ID) => ({ Source: 'cdi', ID })) };

function securityOptions({
  seccompProfile,
  noNewPrivileges,
  facts,
  isRemapped,
  hasAppArmor,
}: SystemDependencies): string[] {
  return [
    ...(hasAppArmor ? ['name=apparmor'] : []),
    `name=seccomp,profile=${seccompProfile}`,
    ...(isRemapped ? ['name=userns'] : []),
    ...(facts.cgroupVersion === 2 ? ['name=cgroupns'] : []),
    ...(noNewPrivileges ? ['name=no-new-privileges'] : []),
  ];
}
