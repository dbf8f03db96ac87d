import type { HostConfig } from '../api/engine/host-config.ts';
import type { PortRequest, PublishedPort } from '../api/index.ts';
import type { NanoClock } from '../clock.ts';
import type { ContainersClient } from '../containerd/containers.ts';
import type { Mount } from '../containerd/snapshots.ts';
import type { TasksClient } from '../containerd/tasks.ts';
import type { EventPublisher } from '../events/event.ts';
import type { Fault } from '../faults/fault.ts';
import type { CommitImage } from '../images/commit.ts';
import type { ParentView } from '../images/parent-view.ts';
import type { Platform } from '../images/oci.ts';
import type { ResolvedImage } from '../images/resolve.ts';
import type { Logger } from '../logger.ts';
import type { BridgeOptions } from '../networks/bridge-options.ts';
import type { SandboxRequest } from '../networks/network-service.ts';
import type { EndpointRequest } from '../networks/new-endpoint.ts';
import type { Endpoint, NetworkRecord, Sandbox } from '../networks/network.ts';
import type { RuntimeFeatures } from '../system/runtime-features.ts';
import type { DataRoot } from '../storage/data-root.ts';
import type { IdMapping } from '../userns/id-mapping.ts';
import type { BindSources } from './bind-sources.ts';
import type { Container } from './container.ts';
import type { ContainerStore } from './container-store.ts';
import type { SpecHost } from './oci-spec/context.ts';
import type { CdiDevices } from './devices/cdi-devices.ts';
import type { OciRuntime } from './runtimes/oci-runtime.ts';
import type { FifoPool } from './stdio/fifo-pool.ts';

/** What containers need of the rest of the agent, in their own words. */
export interface ContainerImages {
  /** NotFoundError `No such image: …` when there is none. Absent platform: this machine's. */
  resolve(reference: string, platform?: Platform): Promise<ResolvedImage>;
  /** Answers the new image's id. */
  commit(request: CommitImage): Promise<string>;
}

export interface ContainerRootfs {
  /** A writable file system on top of the image's layers, named after the container; null: an empty one. */
  create(containerId: string, image: ResolvedImage | null): Promise<Mount[]>;
  mounts(containerId: string): Promise<Mount[]>;
  /** Read-only files of an image, named after the container and what it calls them. NotFoundError without the image. */
  createView(key: string, image: ResolvedImage): Promise<Mount[]>;
  /** What it was before the container wrote to it. */
  parentView(containerId: string): Promise<ParentView>;
  /** Nothing happens where there is none. */
  remove(containerId: string): Promise<void>;
  /** Ids of the containers that have one. */
  list(): Promise<string[]>;
  /** Bytes that the container has written. */
  usage(containerId: string): Promise<{ size: number }>;
  /** Bytes of all that it sees. */
  totalSize(containerId: string): Promise<number>;
}

export interface ContainerNetworks {
  /** NotFoundError `network X not found`. */
  find(reference: string): NetworkRecord;
  findMaybe(reference: string): NetworkRecord | undefined;
  open(request: SandboxRequest): Promise<Sandbox>;
  close(containerId: string): Promise<void>;
  sandboxOf(containerId: string): Sandbox | undefined;
  sandboxes(): Sandbox[];
  attach(containerId: string, containerName: string, wanted: EndpointRequest): Promise<Endpoint>;
  detach(containerId: string, networkId: string): Promise<void>;
  /** Containers of the network ask the engine for names. */
  hasResolver(network: NetworkRecord): boolean;
  namesOf(containerId: string): readonly string[];
  /** What `host-gateway` stands for; empty where the host is not reached. */
  hostGateways(): readonly string[];
  /** The endpoints on bridges that are the way out, each family's. */
  waysOut(sandbox: Sandbox): { ipv4: Endpoint | null; ipv6: Endpoint | null };
  optionsOf(network: Pick<NetworkRecord, 'options'>): BridgeOptions;
}

/** Where published ports are bound; `published` remembers them per container. */
export interface ContainerPorts {
  /** All ports or none. `routed` ones are open at the container's address only, and cost the host nothing. */
  publish(params: { containerId: string; ports: PortRequest[]; routed: PublishedPort[] }): Promise<void>;
  /** Nothing happens for a container that has none. */
  release(params: { containerId: string }): Promise<void>;
  publishedBy(containerId: string): PublishedPort[];
  publications(): { containerId: string }[];
}

export interface ContainerVolumes {
  /** Makes the volume unless it exists. `name` '' makes an anonymous one. Answers its name. */
  create(request: {
    name: string;
    driver: string;
    options: Record<string, string> | null;
    labels: Record<string, string> | null;
  }): Promise<{ name: string; driver: string; mountpoint: string }>;
  /** Ready for use by the container; answers the folder with the data. */
  mount(name: string, containerId: string): Promise<string>;
  unmount(name: string, containerId: string): Promise<void>;
  /** `force`: also when it is gone already. */
  remove(name: string, force: boolean): Promise<void>;
}

/** Runs the health checks; the caller holds the container's lock. */
export interface ContainerHealth {
  begin(container: Container): void;
  resume(container: Container): void;
  end(container: Container): void;
}

/** Choices of daemon.json that concern containers. */
export interface ContainerSettings {
  /** The machine's own name. */
  hostname: string;
  /** Clients are on Windows: the sources of binds may be its paths. */
  windowsPaths: boolean;
  defaultRuntime: string;
  runtimes: Readonly<Record<string, OciRuntime>>;
  defaultShmBytes: number;
  defaultStopTimeoutSeconds: number;
  /** What the end of all containers may take at least; negative: any time. */
  shutdownTimeoutSeconds: number;
  defaultIpcMode: string;
  /** null: as the machine's cgroup version has it. */
  defaultCgroupnsMode: string | null;
  defaultUlimits: NonNullable<HostConfig['Ulimits']>;
  /** For containers that do not say. */
  init: boolean;
  logDriver: string;
  logOptions: Record<string, string>;
  dns: string[];
  dnsOptions: string[];
  dnsSearch: string[];
}

export interface ContainerDependencies {
  bindSources: BindSources;
  store: ContainerStore;
  root: DataRoot;
  tasks: TasksClient;
  specs: ContainersClient;
  snapshotter: string;
  images: ContainerImages;
  rootfs: ContainerRootfs;
  networks: ContainerNetworks;
  ports: ContainerPorts;
  volumes: ContainerVolumes;
  health: ContainerHealth;
  events: EventPublisher;
  fifos: FifoPool;
  specHost: SpecHost;
  /** What containers' ids are on the machine; null: the same. */
  identity: IdMapping | null;
  runtimeFeatures: RuntimeFeatures;
  /** null: daemon.json's features switch CDI off. */
  cdi: CdiDevices | null;
  settings: ContainerSettings;
  clock: NanoClock;
  log: Logger;
  /** True from the moment the machine goes down: no policy starts anything again. */
  isShuttingDown(): boolean;
  /** Settles once containers may be started that nobody asked for: the host is there, or has been waited for. */
  startupDone: Promise<void>;
  /** Something was left behind and is to be put away; absent where nobody does. */
  sweepSoon?: () => void;
  /** Only while a test makes something fail. */
  fault?: Fault | undefined;
}
