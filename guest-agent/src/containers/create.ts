import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import type { ContainerConfig } from '../api/engine/container-config.ts';
import { endpointSettings, type NetworkingConfig } from '../api/engine/endpoint.ts';
import type { HostConfig } from '../api/engine/host-config.ts';
import type { CreateRequest } from '../api/engine/requests.ts';
import { rfc3339Nano } from '../clock.ts';
import { foreignImageWarnings } from '../images/host-processor.ts';
import type { Platform } from '../images/oci.ts';
import type { ResolvedImage } from '../images/resolve.ts';
import type { Container, ContainerRecord } from './container.ts';
import { containerEvent } from './container-events.ts';
import { hostConfigWithDefaults, logConfig } from './create-steps/host-config-defaults.ts';
import { makeMounts } from './create-steps/make-mounts.ts';
import { mergeImageConfig } from './create-steps/merge-image-config.ts';
import { mountPoints } from './create-steps/mount-points.ts';
import type { ContainerDependencies } from './dependencies.ts';
import { refuseFiles } from './create-steps/refuse-files.ts';
import { resolveLinks } from './links/resolve-links.ts';
import { withWindowsSources } from './create-steps/windows-sources.ts';
import { securityOptions } from './oci-spec/security-options.ts';
import { runtimeOf } from './runtimes/oci-runtime.ts';
import { validateConfig } from './validate/config.ts';
import { validateHostConfig, validateSharing } from './validate/host-config.ts';
import { validateNetworkingConfig } from './validate/networking-config.ts';
import { thisHost, validateResources } from './validate/resources.ts';

export interface CreateOptions {
  /** '' for a name of the engine's choosing. */
  name: string;
  /** null: this machine's. */
  platform: Platform | null;
  /** Read-only mounts that do not say otherwise leave what is mounted below them as it is (API before 1.44). */
  readOnlyNonRecursive: boolean;
}

/** A container as it is asked for; nothing is left out. */
export type ContainerRequest = CreateRequest & { HostConfig: HostConfig; NetworkingConfig: NetworkingConfig };

export interface Created {
  container: Container;
  warnings: string[];
}

/** Makes a container, ready to start. Every step leaves its undo behind; a failure runs them in reverse. */
export async function createContainer(
  deps: ContainerDependencies,
  request: ContainerRequest,
  options: CreateOptions,
): Promise<Created> {
  const { HostConfig: given, NetworkingConfig: networking, ...config } = request;
  const host = deps.settings.windowsPaths ? withWindowsSources(given) : given;
  const warnings = await check(deps, config, host);
  const image = config.Image === '' ? null : await deps.images.resolve(config.Image, options.platform ?? undefined);
  if (image && !options.platform) warnings.push(...(await foreignImageWarnings(image.config)));
  validateNetworkingConfig(networking, (name) => deps.networks.findMaybe(name)?.ipam.map(({ subnet }) => subnet));
  const hostConfig = hostConfigWithDefaults(host, deps);
  const merged = mergeImageConfig(config, image && (image.config.config ?? {}));
  hostConfig.LogConfig = logConfig(hostConfig.LogConfig, deps.settings);

  await using undo = new AsyncDisposableStack();
  const id = randomBytes(32).toString('hex');
  const name = deps.store.names.reserve(options.name, id);
  undo.defer(() => deps.store.names.release(name));
  await deps.fault?.('create:after-name', id);
  securityOptions(hostConfig.SecurityOpt ?? []);
  const named = { ...merged, Hostname: merged.Hostname || defaultHostname(hostConfig, id, deps) };
  const asked = { id, name, config: named, hostConfig, networking: withMode(networking, hostConfig), image };
  const { readOnlyNonRecursive } = options;
  const parts = await makeParts(deps, { ...asked, readOnlyNonRecursive }, undo);
  const container = deps.store.add(newRecord({ ...asked, ...parts }, deps));
  undo.move();
  await deps.fault?.('create:after-record', id);
  deps.events.publish(containerEvent(container, 'create'));
  return { container, warnings };
}

/** Everything that dockerd refuses before it looks for the image, in its order; answers its warnings. */
async function check(deps: ContainerDependencies, config: ContainerConfig, host: HostConfig): Promise<string[]> {
  validateConfig(config);
  const warnings = [
    ...(await validateHostConfig(host, deps.bindSources)),
    ...validateResources(host, thisHost(deps.specHost.cgroupVersion)),
    ...validateSharing(host, deps.specHost),
  ];
  runtimeOf(deps.settings, host.Runtime || deps.settings.defaultRuntime);
  return warnings;
}

type NamedParts = Pick<ContainerRecord, 'id' | 'name' | 'config' | 'hostConfig' | 'networking'> & {
  image: ResolvedImage | null;
};
type MadeParts = Pick<ContainerRecord, 'mounts' | 'anonymousVolumes' | 'links'>;

/** What a container has on disk and with others. */
async function makeParts(
  deps: ContainerDependencies,
  { id, config, hostConfig, image, readOnlyNonRecursive }: NamedParts & { readOnlyNonRecursive: boolean },
  undo: AsyncDisposableStack,
): Promise<MadeParts> {
  const wanted = mountPoints(config, hostConfig, { ...deps, readOnlyNonRecursive });
  const links = resolveLinks(hostConfig, deps.store);
  const paths = deps.root.container(id);
  await mkdir(paths.dir, { recursive: true, mode: 0o710 });
  undo.defer(() => rm(paths.dir, { recursive: true, force: true }));
  await deps.fault?.('create:after-folder', id);
  const made = await makeMounts(deps, wanted, { containerId: id, undo });
  await deps.fault?.('create:after-volumes', id);
  const rootfs = await deps.rootfs.create(id, image);
  undo.defer(() => deps.rootfs.remove(id));
  await refuseFiles(rootfs, config, wanted);
  await deps.fault?.('create:after-rootfs', id);
  return { ...made, links };
}

/** A container on the machine's network has its name, one on another container's network that one's. */
function defaultHostname(hostConfig: HostConfig, id: string, { store, settings }: ContainerDependencies): string {
  const { NetworkMode: mode } = hostConfig;
  const shared = mode.startsWith('container:') ? store.find(mode.slice('container:'.length)) : undefined;
  if (shared) return shared.record.config.Hostname;
  return mode === 'host' ? settings.hostname : id.slice(0, 12);
}

/** A request that names no network at all is for that of its mode; from then on only the list counts. */
function withMode(networking: NetworkingConfig, { NetworkMode: mode }: HostConfig): NetworkingConfig {
  const isListed = Object.keys(networking.EndpointsConfig ?? {}).length > 0;
  return isListed || mode.startsWith('container:')
    ? networking
    : { EndpointsConfig: { [mode]: endpointSettings.zero() } };
}

function newRecord({ image, ...parts }: NamedParts & MadeParts, deps: ContainerDependencies): ContainerRecord {
  const command = [...(parts.config.Entrypoint ?? []), ...(parts.config.Cmd ?? [])];
  return {
    ...parts,
    created: rfc3339Nano(deps.clock()),
    path: command[0] ?? '',
    args: command.slice(1),
    imageId: image?.id ?? '',
    imageManifest: image?.manifest ?? null,
    platform: 'linux',
  };
}
