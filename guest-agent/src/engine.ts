import type { Publication } from './api/index.ts';
import { wallClock } from './clock.ts';
import type { AgentConfig } from './config.ts';
import { Boot } from './boot.ts';
import { createBuilder, type Builder, type BuilderOptions } from './builder/builder.ts';
import { connectContainerd, type Containerd } from './containerd/connect.ts';
import { containerNames } from './containers/network-names.ts';
import { ContainerStore } from './containers/container-store.ts';
import { namespaceOf } from './containers/start-steps/shared-network.ts';
import { containerVerbs, type ContainerVerbs } from './containers/containers.ts';
import { HostPorts, type Host } from './containers/host-ports.ts';
import { hasProgram } from './containers/runtimes/has-program.ts';
import { sweep, Sweeper } from './containers/sweep.ts';
import {
  certificateDirs,
  containerDependencies,
  imageUse,
  registrySettings,
  specHost,
  systemDependencies,
  volumeUse,
} from './engine-parts.ts';
import { engineLife, type EngineLife } from './engine-life.ts';
import { type EngineSettings, engineSettings } from './engine-settings.ts';
import { EventLog } from './events/event-log.ts';
import type { ExecDependencies } from './exec/dependencies.ts';
import { ExecStore } from './exec/exec-store.ts';
import { createImages, type Images } from './images/images.ts';
import type { Fault } from './faults/fault.ts';
import { faultsFromFile } from './faults/fault-file.ts';
import type { Logger } from './logger.ts';
import type { IdMapping } from './userns/id-mapping.ts';
import type { CreateNetworkDependencies } from './networks/create-network.ts';
import type { NetworkService } from './networks/network-service.ts';
import { openNetworks } from './networks/open-networks.ts';
import { type HostBindSources, openBindSources } from './shares/bind-sources.ts';
import type { FileStreams } from './shares/file-streams.ts';
import type { DataRoot } from './storage/data-root.ts';
import type { DiskUsageDependencies } from './system/disk-usage.ts';
import { readHostFacts } from './system/host-facts.ts';
import type { SystemDependencies } from './system/info.ts';
import { Volumes } from './volumes/volumes.ts';

export interface EngineOptions {
  config: AgentConfig;
  root: DataRoot;
  /** What containers' ids are on the machine; null: the same. */
  identity: IdMapping | null;
  log: Logger;
  host: Host;
  /** On which the host serves its folders. */
  streams: FileStreams;
  engineId: string;
}

/** The engine's parts, wired; the routes take what they serve from here. */
export interface Engine extends AsyncDisposable {
  readonly life: EngineLife;
  readonly containers: ContainerVerbs;
  readonly store: ContainerStore;
  readonly exec: ExecDependencies;
  readonly images: Images;
  readonly builder: Builder;
  readonly networks: NetworkService;
  readonly networking: CreateNetworkDependencies;
  readonly volumes: Volumes;
  readonly events: EventLog;
  readonly system: SystemDependencies;
  readonly bindSources: HostBindSources;
  readonly diskUsage: DiskUsageDependencies;
  publications(): Publication[];
}

/** containerd's; images and containers of other ids are in one of their own. */
const namespaceFor = (identity: IdMapping | null): string => (identity ? `moby-${identity.name}` : 'moby');

const faultsOf = ({ faultFile }: AgentConfig): Fault | undefined =>
  faultFile === null ? undefined : faultsFromFile(faultFile);

function openEngineNetworks(
  { config, root, log, engineId }: EngineOptions,
  parts: { settings: EngineSettings; events: EventLog; store: ContainerStore },
): Promise<NetworkService> {
  const { settings, events, store } = parts;
  const namesOf = (id: string) => containerNames(store.find(id));
  return openNetworks({
    root,
    bridgeName: config.bridgeName,
    hostAddress: config.hostAddress,
    engineId,
    settings,
    events,
    log,
    namesOf,
    namesVersion: () => store.names.version,
    clock: wallClock,
    fault: faultsOf(config),
  });
}

function engineImages(
  { config, root, log, identity }: EngineOptions,
  { containerd, settings, events, store }: Parameters<typeof openEngineNetworks>[1] & { containerd: Containerd },
): Images {
  const registry = registrySettings(settings, { root, config });
  return createImages({ containerd, use: imageUse(store), events, log, identity, registry });
}

function engineBuilder(
  { config, root, log, identity }: EngineOptions,
  parts: Pick<BuilderOptions, 'containerd' | 'images' | 'events' | 'settings'> & {
    networks: NetworkService;
    store: ContainerStore;
  },
): Promise<Builder> {
  const { containerdAddress, buildkitDir: programs } = config;
  return createBuilder({
    ...{ ...parts, root, log, containerdAddress, namespace: namespaceFor(identity), programs },
    certificateDirs: certificateDirs(root),
    hostGateways: () => parts.networks.hostGateways(),
    namespaceOf: (reference) => namespaceOf(parts.store, reference),
  });
}

export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { config, root, log, identity } = options;
  await using stack = new AsyncDisposableStack();
  const facts = await readHostFacts();
  const named = { hostname: facts.hostname, windowsPaths: config.windowsPaths };
  const settings = engineSettings(config.engineConfig, { ...named, hasProgram, scriptsDir: root.runtimeScripts });
  const namespace = namespaceFor(identity);
  // A whole disk is flushed for each: only where it is the engine's alone.
  const durableLayers = config.powerOffCommand !== null;
  const containerd = stack.use(connectContainerd({ address: config.containerdAddress, namespace, durableLayers }));
  const events = new EventLog(wallClock);
  const store = new ContainerStore(root);
  const networks = stack.use(await openEngineNetworks(options, { settings, events, store }));
  const images = stack.use(engineImages(options, { containerd, settings, events, store }));
  const volumes = await Volumes.open({ root: root.volumes, use: volumeUse(store), events, owner: identity?.root });
  const ports = await HostPorts.open(root.publishedPorts, options.host, networks.portRules);
  const bindSources = stack.use(openBindSources({ ...options, owner: identity?.root }));
  const shared = {
    ...{ root, log, bindSources, settings, identity, events, store, networks, volumes, ports, images },
    clock: wallClock,
  };
  const phase = { isShuttingDown: false };
  const execs = new ExecStore();
  const fault = faultsOf(config);
  const sweeper = stack.use(new Sweeper(() => sweep(deps)));
  const startup = Promise.withResolvers<void>();
  const host = await specHost(options, facts, settings);
  const own = { phase, specHost: host, fault, startupDone: startup.promise, sweepSoon: () => sweeper.soon() };
  const deps = containerDependencies({ ...shared, containerd, ...own }, execs);
  stack.use(deps.health);
  const exec: ExecDependencies = { ...deps, execs };
  await store.load(log);
  const boot = await Boot.read(root.booted);
  const system = systemDependencies(options, { ...shared, facts, namespace, version: containerd.version });
  const containers = containerVerbs(deps);
  const builder = stack.use(await engineBuilder(options, { containerd, images, events, settings, networks, store }));
  const diskUsage = { builder, containers, images, volumes, volumeUse: volumeUse(store) };
  const life = stack.use(
    engineLife({
      config,
      settings,
      boot,
      containerd,
      networks,
      ports,
      builder,
      containers: deps,
      exec,
      startup,
      phase,
    }),
  );
  const owned = stack.move();
  return {
    life,
    networking: { networks, events, engineId: options.engineId, ...settings },
    ...{ store, exec, builder, images, networks, volumes, events, system, diskUsage, containers, bindSources },
    publications: () => ports.publications(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
