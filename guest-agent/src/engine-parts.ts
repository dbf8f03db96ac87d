import { spawn } from 'node:child_process';
import { wallClock } from './clock.ts';
import type { AgentConfig } from './config.ts';
import type { Containerd } from './containerd/connect.ts';
import type { Container } from './containers/container.ts';
import { hasAppArmor } from './containers/apparmor/apparmor.ts';
import type { ContainerStore } from './containers/container-store.ts';
import { hasTask } from './containers/container-state.ts';
import type { ContainerDependencies } from './containers/dependencies.ts';
import type { SpecHost } from './containers/oci-spec/context.ts';
import { loadProfile } from './containers/oci-spec/seccomp.ts';
import { CdiDevices } from './containers/devices/cdi-devices.ts';
import { HealthMonitor } from './containers/health/health-monitor.ts';
import { probeRunner } from './containers/health/run-probe.ts';
import { waitFor } from './containers/health/wait.ts';
import { FifoPool } from './containers/stdio/fifo-pool.ts';
import type { EngineOptions } from './engine.ts';
import type { EngineSettings } from './engine-settings.ts';
import type { EventLog } from './events/event-log.ts';
import type { ExecStore } from './exec/exec-store.ts';
import type { Images, RegistrySettings } from './images/images.ts';
import type { ImageUse } from './images/image-use.ts';
import { proxyView, registryView } from './images/registry/registry-view.ts';
import type { Logger } from './logger.ts';
import { engineVersion } from './product.ts';
import type { DataRoot } from './storage/data-root.ts';
import type { HostFacts } from './system/host-facts.ts';
import type { SystemDependencies } from './system/info.ts';
import { RuntimeFeatures } from './system/runtime-features.ts';
import { toolVersions } from './system/runtime-version.ts';
import { runtimeViews } from './system/runtime-views.ts';
import type { VolumeUse } from './volumes/volumes.ts';

type SharedParts = Pick<
  ContainerDependencies,
  'root' | 'log' | 'bindSources' | 'identity' | 'store' | 'networks' | 'volumes' | 'ports' | 'events' | 'clock'
> & {
  settings: EngineSettings;
  images: Images;
};

export function containerDependencies(
  parts: SharedParts &
    Pick<ContainerDependencies, 'specHost' | 'startupDone' | 'sweepSoon' | 'fault'> & {
      containerd: Containerd;
      phase: { isShuttingDown: boolean };
    },
  execs: ExecStore,
): ContainerDependencies & { health: HealthMonitor } {
  const { containerd, phase, ...shared } = parts;
  const fifos = new FifoPool(parts.root.fifoPool);
  const { rootfs } = parts.images;
  const run = probeRunner({ ...shared, rootfs, fifos, execs, tasks: containerd.tasks });
  return {
    ...shared,
    health: new HealthMonitor({ ...shared, run, wait: waitFor }),
    tasks: containerd.tasks,
    specs: containerd.containers,
    snapshotter: containerd.snapshots.snapshotter,
    rootfs,
    fifos,
    runtimeFeatures: new RuntimeFeatures(),
    isShuttingDown: () => phase.isShuttingDown,
    cdi: cdiDevices(parts.settings),
  };
}

const cdiDevices = ({ cdiSpecDirs }: EngineSettings): CdiDevices | null =>
  cdiSpecDirs === null ? null : new CdiDevices(cdiSpecDirs);

/** Containers, as the images see them. */
export function imageUse(store: ContainerStore): ImageUse {
  return {
    containers: () =>
      store.all().map(({ id, record, state }) => ({
        containerId: id,
        imageId: record.imageId,
        ...(record.imageManifest && { manifestDigest: record.imageManifest.digest }),
        mountedImages: record.mounts.flatMap(({ imageId }) => imageId ?? []),
        configImage: record.config.Image,
        running: hasTask(state),
      })),
  };
}

/** Containers, as the volumes see them; one that is being removed has let go of its own. */
export function volumeUse(store: ContainerStore): VolumeUse {
  const uses = (container: Container, volume: string) =>
    container.state.phase !== 'removing' &&
    container.record.mounts.some((mount) => mount.type === 'volume' && mount.name === volume);
  return {
    containersUsing: (volume) =>
      store
        .all()
        .filter((container) => uses(container, volume))
        .map(({ id }) => id),
  };
}

export function registrySettings(
  settings: EngineSettings,
  { root, config }: { root: DataRoot; config: Pick<AgentConfig, 'registryAuthorities'> },
): RegistrySettings {
  return {
    userAgent: `berth/${engineVersion}`,
    insecureRegistries: settings.insecureRegistries,
    mirrors: settings.registryMirrors,
    proxies: settings.proxies,
    certificateDirs: certificateDirs(root),
    authorities: config.registryAuthorities,
    maxConcurrentDownloads: settings.maxConcurrentDownloads,
    maxConcurrentUploads: settings.maxConcurrentUploads,
    maxDownloadAttempts: settings.maxDownloadAttempts,
  };
}

export async function specHost(
  { config, identity }: EngineOptions,
  facts: HostFacts,
  settings: EngineSettings,
): Promise<SpecHost> {
  return {
    isRemapped: identity !== null,
    securityDefaults: { noNewPrivileges: settings.noNewPrivileges },
    hasAppArmor: hasAppArmor(),
    arch: facts.arch,
    kernelVersion: facts.kernelVersion,
    cgroupVersion: facts.cgroupVersion,
    hasX32: facts.hasX32,
    capabilities: facts.capabilities,
    seccompProfile: await seccompProfile(config, settings),
    initBinary: settings.initPath ?? config.initBinary,
    initByDefault: settings.init,
    cgroupParent: settings.cgroupParent,
  };
}

/** Asked when somebody wants to know, and then never again. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}

async function seccompProfile(config: AgentConfig, { seccompProfile: chosen }: EngineSettings) {
  if (chosen === 'unconfined') return null;
  const file = chosen === 'builtin' ? config.seccompProfile : chosen;
  return file === null ? null : await loadProfile(file);
}

export function systemDependencies(
  { config, engineId }: EngineOptions,
  parts: SharedParts & { events: EventLog; facts: HostFacts; namespace: string; version: Containerd['version'] },
): SystemDependencies {
  const { settings, images, events } = parts;
  const runc = settings.runtimes[settings.defaultRuntime]?.binaryName ?? 'runc';
  return {
    ...{ facts: parts.facts, store: parts.store, settings, version: parts.version, engineId },
    tools: once(() => toolVersions(runc, config.initBinary)),
    countImages: () => images.count(),
    eventListeners: () => events.listenerCount,
    dataRoot: parts.root.root,
    namespace: parts.namespace,
    hasAppArmor: hasAppArmor(),
    isRemapped: parts.identity !== null,
    containerdAddress: config.containerdAddress,
    snapshotter: 'overlayfs',
    initBinary: settings.initPath ?? config.initBinary,
    seccompProfile: config.seccompProfile === null ? 'unconfined' : settings.seccompProfile,
    noNewPrivileges: settings.noNewPrivileges,
    debug: settings.debug,
    cdi: cdiDevices(settings),
    runtimeViews: once(() => runtimeViews(settings.runtimes)),
    registryConfig: registryView({ ...settings, mirrors: settings.registryMirrors }),
    proxies: proxyView(settings.proxies),
    labels: settings.labels,
    clock: wallClock,
  };
}

/** Started and forgotten: nothing here outlives it. */
export function powerOff([file = 'poweroff', ...args]: string[], log: Logger): void {
  const child = spawn(file, args, { stdio: 'ignore', detached: true });
  child.on('error', (error) => log.error({ err: error }, 'the machine could not be powered off'));
}

/** Where certificates of registries are looked for. */
export const certificateDirs = (root: DataRoot): string[] => [root.registryCertificates, '/etc/docker/certs.d'];
