import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import type { ContainerConfig } from '../api/engine/container-config.ts';
import { networkingConfig } from '../api/engine/endpoint.ts';
import { hostConfig as hostConfigShape, type HostConfig } from '../api/engine/host-config.ts';
import type { CreateRequest } from '../api/engine/requests.ts';
import { InvalidParameterError } from '../api/index.ts';
import { rfc3339Nano } from '../clock.ts';
import type { Platform } from '../images/oci.ts';
import type { ResolvedImage } from '../images/resolve.ts';
import type { Container, ContainerRecord } from './container.ts';
import { containerEvent } from './container-events.ts';
import { hostConfigWithDefaults } from './create-steps/host-config-defaults.ts';
import { mergeImageConfig } from './create-steps/merge-image-config.ts';
import { mountPoints } from './create-steps/mount-points.ts';
import type { ContainerDependencies } from './dependencies.ts';
import type { MountPoint } from './mount-point.ts';
import { validateConfig } from './validate/config.ts';
import { validateHostConfig } from './validate/host-config.ts';
import { thisHost, validateResources } from './validate/resources.ts';

export interface CreateOptions {
  /** '' for a name of the engine's choosing. */
  name: string;
  /** null: this machine's. */
  platform: Platform | null;
  /** Read-only mounts that do not say otherwise leave what is mounted below them as it is (API before 1.44). */
  readOnlyNonRecursive: boolean;
}

export interface Created {
  container: Container;
  warnings: string[];
}

/** Makes a container, ready to start. Every step leaves its undo behind; a failure runs them in reverse. */
export async function createContainer(
  deps: ContainerDependencies,
  request: CreateRequest,
  options: CreateOptions,
): Promise<Created> {
  const { HostConfig, NetworkingConfig, ...requested } = request;
  if (isEmptyConfig(requested))
    throw new InvalidParameterError('config cannot be empty in order to create a container');
  const asked = HostConfig ?? hostConfigShape.zero();
  const warnings = validate(deps, requested, asked);
  const image = await deps.images.resolve(requested.Image, options.platform ?? undefined);
  const hostConfig = hostConfigWithDefaults(asked, deps);
  requireShared(hostConfig, deps);
  const merged = mergeImageConfig(requested, image.config.config ?? {});

  await using undo = new AsyncDisposableStack();
  const id = randomBytes(32).toString('hex');
  const name = deps.store.names.reserve(options.name, id);
  undo.defer(() => deps.store.names.release(name));
  const config = { ...merged, Hostname: merged.Hostname || defaultHostname(hostConfig, id, deps) };
  await deps.fault?.('create:after-name', id);
  const mounts = mountPoints(config, hostConfig, { ...deps, readOnlyNonRecursive: options.readOnlyNonRecursive });
  const paths = deps.root.container(id);
  await mkdir(paths.dir, { recursive: true, mode: 0o710 });
  undo.defer(() => rm(paths.dir, { recursive: true, force: true }));
  await deps.fault?.('create:after-folder', id);
  const volumes = await createVolumes(deps, { id, mounts, undo });
  await deps.fault?.('create:after-volumes', id);
  await deps.rootfs.create(id, image);
  undo.defer(() => deps.rootfs.remove(id));
  await deps.fault?.('create:after-rootfs', id);
  const networking = NetworkingConfig ?? networkingConfig.zero();
  const container = deps.store.add(newRecord({ id, name, config, hostConfig, networking, image, ...volumes }, deps));
  undo.move();
  await deps.fault?.('create:after-record', id);
  deps.events.publish(containerEvent(container, 'create'));
  return { container, warnings };
}

function validate(deps: ContainerDependencies, config: ContainerConfig, hostConfig: HostConfig): string[] {
  validateConfig(config);
  const warnings = validateHostConfig(hostConfig);
  return [...warnings, ...validateResources(hostConfig, thisHost(deps.specHost.cgroupVersion))];
}

/** Containers whose namespaces are to be joined have to exist by now; whether they run matters at start. */
function requireShared({ PidMode, IpcMode }: HostConfig, { store }: ContainerDependencies): void {
  for (const mode of [IpcMode, PidMode].filter((value) => value.startsWith('container:'))) {
    const reference = mode.slice('container:'.length);
    if (!store.find(reference)) throw new InvalidParameterError(`No such container: ${reference}`);
  }
}

/** Go decodes a body without any field of Config to no Config at all. */
function isEmptyConfig(config: ContainerConfig): boolean {
  return Object.values(config).every((value) => value === null || value === '' || value === false || value === 0);
}

/** A container on the machine's network has its name, one on another container's network that one's. */
function defaultHostname(hostConfig: HostConfig, id: string, { store, settings }: ContainerDependencies): string {
  const { NetworkMode: mode, UTSMode: uts } = hostConfig;
  const shared = mode.startsWith('container:') ? store.find(mode.slice('container:'.length)) : undefined;
  if (shared) return shared.record.config.Hostname;
  return mode === 'host' || uts === 'host' ? settings.hostname : id.slice(0, 12);
}

interface Volumes {
  mounts: MountPoint[];
  anonymousVolumes: string[];
}

/** Volumes exist from create on; anonymous ones get their name here, on disk before they are made. */
async function createVolumes(
  deps: ContainerDependencies,
  { id, mounts, undo }: { id: string; mounts: MountPoint[]; undo: AsyncDisposableStack },
): Promise<Volumes> {
  const isAnonymous = (mount: MountPoint) => mount.type === 'volume' && mount.name === '';
  const named = mounts.map((mount) =>
    isAnonymous(mount) ? { ...mount, name: randomBytes(32).toString('hex') } : mount,
  );
  const anonymousVolumes = named.filter((_, index) => isAnonymous(mounts[index]!)).map(({ name }) => name);
  if (anonymousVolumes.length > 0) deps.store.noteCreation(id, anonymousVolumes);
  const made: MountPoint[] = [];
  for (const mount of named) {
    if (mount.type !== 'volume') {
      made.push(mount);
      continue;
    }
    const { name, driver } = mount;
    const own = anonymousVolumes.includes(name);
    const labels: Record<string, string> = own ? { 'com.docker.volume.anonymous': '' } : {};
    const volume = await deps.volumes.create({ name, driver, options: {}, labels });
    if (own) undo.defer(() => deps.volumes.remove(name, true));
    made.push({ ...mount, name: volume.name, driver: volume.driver, source: volume.mountpoint });
  }
  return { mounts: made, anonymousVolumes };
}

type RecordParts = Pick<
  ContainerRecord,
  'id' | 'name' | 'config' | 'hostConfig' | 'networking' | 'mounts' | 'anonymousVolumes'
> & {
  image: ResolvedImage;
};

function newRecord({ image, ...parts }: RecordParts, deps: ContainerDependencies): ContainerRecord {
  const command = [...(parts.config.Entrypoint ?? []), ...(parts.config.Cmd ?? [])];
  return {
    ...parts,
    created: rfc3339Nano(deps.clock()),
    path: command[0] ?? '',
    args: command.slice(1),
    imageId: image.id,
    imageManifest: image.manifest,
    platform: 'linux',
  };
}
