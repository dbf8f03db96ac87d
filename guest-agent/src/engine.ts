import os from 'node:os';
import type { HostServices, Publication } from './api/index.ts';
import { wallClock } from './clock.ts';
import type { AgentConfig } from './config.ts';
import { connectContainerd } from './containerd/connect.ts';
import { containerNames } from './containers/network-names.ts';
import { ContainerStore } from './containers/container-store.ts';
import { containerVerbs, type ContainerVerbs } from './containers/containers.ts';
import { monitorExits } from './containers/exit-monitor.ts';
import { HostPorts } from './containers/host-ports.ts';
import { hasProgram } from './containers/runtimes/has-program.ts';
import { reconcileTasks } from './containers/reconcile.ts';
import { restoreContainers, startAtBoot } from './containers/restore.ts';
import { sweep, Sweeper } from './containers/sweep.ts';
import { stopAllContainers } from './containers/shutdown.ts';
import {
  containerDependencies,
  imageUse,
  powerOff,
  registrySettings,
  specHost,
  systemDependencies,
  volumeUse,
} from './engine-parts.ts';
import { type EngineSettings, engineSettings } from './engine-settings.ts';
import { EventLog } from './events/event-log.ts';
import type { ExecDependencies } from './exec/dependencies.ts';
import { ExecStore } from './exec/exec-store.ts';
import { createImages, type Images } from './images/images.ts';
import { faultsFromFile } from './faults/fault-file.ts';
import type { Logger } from './logger.ts';
import type { CreateNetworkDependencies } from './networks/create-network.ts';
import type { NetworkService } from './networks/network-service.ts';
import { openNetworks } from './networks/open-networks.ts';
import type { DataRoot } from './storage/data-root.ts';
import type { DiskUsageDependencies } from './system/disk-usage.ts';
import { readHostFacts } from './system/host-facts.ts';
import type { SystemDependencies } from './system/info.ts';
import { Volumes } from './volumes/volumes.ts';

export interface EngineOptions {
  config: AgentConfig;
  root: DataRoot;
  log: Logger;
  host: () => HostServices;
  engineId: string;
}

/** The engine's parts, wired; the routes take what they serve from here. */
export interface Engine extends AsyncDisposable {
  readonly containers: ContainerVerbs;
  readonly store: ContainerStore;
  readonly exec: ExecDependencies;
  readonly images: Images;
  readonly networks: NetworkService;
  readonly networking: CreateNetworkDependencies;
  readonly volumes: Volumes;
  readonly events: EventLog;
  readonly system: SystemDependencies;
  readonly diskUsage: DiskUsageDependencies;
  /** Milliseconds since boot at which the engine was ready. */
  readonly readyUptimeMs: number;
  publications(): Publication[];
  startAtBoot(): Promise<void>;
  /** Stops all containers, takes the networks down and, in a machine of its own, powers off. */
  shutdown(timeoutMs: number): Promise<void>;
}

const containerdTimeoutMs = 60_000;
const namespace = 'moby';

function openEngineNetworks(
  { config, root, log }: EngineOptions,
  parts: { settings: EngineSettings; events: EventLog; store: ContainerStore },
): Promise<NetworkService> {
  const { settings, events, store } = parts;
  const namesOf = (id: string) => containerNames(store.find(id));
  return openNetworks({ root, bridgeName: config.bridgeName, settings, events, log, namesOf, clock: wallClock });
}

export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { config, root, log } = options;
  await using stack = new AsyncDisposableStack();
  const facts = await readHostFacts();
  const settings = engineSettings(config.engineConfig, {
    hostname: facts.hostname,
    hasProgram,
    scriptsDir: root.runtimeScripts,
  });
  const containerd = stack.use(connectContainerd({ address: config.containerdAddress, namespace }));
  const events = new EventLog(wallClock);
  const store = new ContainerStore(root);
  const networks = stack.use(await openEngineNetworks(options, { settings, events, store }));
  await containerd.waitUntilReady({ timeoutMs: containerdTimeoutMs });
  const images = stack.use(
    createImages({ containerd, use: imageUse(store), events, log, registry: registrySettings(settings) }),
  );
  const volumes = await Volumes.open({ root: root.volumes, use: volumeUse(store), events });
  const ports = await HostPorts.open(root.publishedPorts, options.host);
  const shared = { root, log, settings, events, store, networks, volumes, ports, images, clock: wallClock };
  const life = { isShuttingDown: false };
  const execs = new ExecStore();
  const host = await specHost(config, facts, settings);
  const fault = config.faultFile === null ? undefined : faultsFromFile(config.faultFile);
  const sweeper = stack.use(new Sweeper(() => sweep(deps)));
  const startup = Promise.withResolvers<void>();
  const startupDone = startup.promise;
  const own = { life, specHost: host, fault, startupDone, sweepSoon: () => sweeper.soon() };
  const deps = containerDependencies({ ...shared, containerd, ...own }, execs);
  stack.use(deps.health);
  const exec: ExecDependencies = { ...deps, execs };
  await store.load(log);
  await restoreContainers(deps);
  const monitor = new AbortController();
  stack.defer(() => monitor.abort());
  const reconcile = () => reconcileTasks(deps).then(() => sweep(deps));
  void monitorExits({ events: containerd.events, containers: deps, execs: exec, reconcile, signal: monitor.signal });
  const system = await systemDependencies(options, { ...shared, facts, version: containerd.version });
  const containers = containerVerbs(deps);
  const diskUsage = { containers, images, volumes, volumeUse: volumeUse(store) };
  const owned = stack.move();
  return {
    networking: { networks, events, engineId: options.engineId, ...settings },
    ...{ store, exec, images, networks, volumes, events, system, diskUsage, containers },
    readyUptimeMs: Math.round(os.uptime() * 1000),
    publications: () => ports.publications(),
    startAtBoot: () => {
      startup.resolve();
      return startAtBoot(deps);
    },
    async shutdown(timeoutMs) {
      life.isShuttingDown = true;
      await stopAllContainers(deps, timeoutMs);
      await networks.teardown();
      if (config.powerOffCommand) powerOff(config.powerOffCommand, log);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
