import type { ContainerConfig } from '../api/engine/container-config.ts';
import type { HostServices, PublishedPort } from '../api/index.ts';
import type { NanoClock } from '../clock.ts';
import type { ContainersClient } from '../containerd/containers.ts';
import type { Mount } from '../containerd/snapshots.ts';
import type { TasksClient } from '../containerd/tasks.ts';
import type { EventPublisher } from '../events/event.ts';
import type { Logger } from '../logger.ts';
import type { NetworkRecord, Sandbox } from '../networks/network.ts';
import type { DataRoot } from '../storage/data-root.ts';
import type { ManifestDescriptor } from './container.ts';
import type { ContainerStore } from './container-store.ts';
import type { SpecHost } from './oci-spec/context.ts';
import type { FifoPool } from './stdio/fifo-pool.ts';

/** What containers need of the rest of the agent, in their own words. */
export interface ContainerImages {
  /** NotFoundError `No such image: …` when there is none. `platform` null: this machine's. */
  resolve(reference: string, platform: string | null): Promise<ContainerImage>;
}

export interface ContainerImage {
  /** Digest that identifies the image, 'sha256:…'. */
  id: string;
  /** Top layer's chain id; '' for an image without layers. */
  chainId: string;
  /** 'linux'. */
  os: string;
  /** The image's config section; fields that it lacks are zero. */
  config: ContainerConfig;
  manifest: ManifestDescriptor | null;
}

export interface ContainerRootfs {
  /** A writable file system on top of the image's layers, named after the container. */
  create(containerId: string, chainId: string): Promise<void>;
  mounts(containerId: string): Promise<Mount[]>;
  /** Nothing happens where there is none. */
  remove(containerId: string): Promise<void>;
}

export interface ContainerNetworks {
  find(reference: string): NetworkRecord;
  open(request: { containerId: string; containerName: string; networks: string[] }): Promise<Sandbox>;
  close(containerId: string): Promise<void>;
  sandboxOf(containerId: string): Sandbox | undefined;
}

/** Where published ports are bound; `published` remembers them per container. */
export interface ContainerPorts {
  publish: HostServices['ports.publish'];
  release: HostServices['ports.release'];
  publishedBy(containerId: string): PublishedPort[];
}

export interface ContainerVolumes {
  /** Makes the volume unless it exists. `name` '' makes an anonymous one. Answers its name. */
  create(request: {
    name: string;
    driver: string;
    options: Record<string, string>;
    labels: Record<string, string>;
  }): Promise<{ name: string; driver: string }>;
  /** Ready for use by the container; answers the folder with the data. */
  mount(name: string, containerId: string): Promise<string>;
  unmount(name: string, containerId: string): Promise<void>;
  /** `force`: also when it is gone already. */
  remove(name: string, force: boolean): Promise<void>;
}

/** Choices of daemon.json that concern containers. */
export interface ContainerSettings {
  defaultRuntime: string;
  /** Runtime name → path of the OCI runtime's binary. */
  runtimes: Record<string, string>;
  defaultShmBytes: number;
  defaultStopTimeoutSeconds: number;
  logDriver: string;
  logOptions: Record<string, string>;
  dns: string[];
  dnsOptions: string[];
  dnsSearch: string[];
}

export interface ContainerDependencies {
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
  events: EventPublisher;
  fifos: FifoPool;
  specHost: SpecHost;
  settings: ContainerSettings;
  clock: NanoClock;
  log: Logger;
}
