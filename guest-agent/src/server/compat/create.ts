import type { FastifyRequest } from 'fastify';
import type { HostConfig, MountRequest } from '../../api/engine/host-config.ts';
import type { CreateRequest } from '../../api/engine/requests.ts';
import { InvalidParameterError } from '../../api/index.ts';
import { olderThan } from '../api-version.ts';

/**
 * POST /containers/create as the client's API version means it: fields that the version did not have are dropped, or
 * refused where dropping them would be dangerous, and defaults that changed are the old ones.
 */
export function createFor(request: FastifyRequest, body: CreateRequest): CreateRequest {
  const older = (version: string) => olderThan(request, version);
  const { HostConfig: asked, NetworkingConfig: networking, ...config } = body;
  const mounts = asked?.Mounts ?? [];
  for (const mount of mounts) checkMount(mount, older);
  const endpoints = Object.keys(networking?.EndpointsConfig ?? {});
  if (older('1.44') && endpoints.length > 1) {
    throw new InvalidParameterError(
      `Container cannot be created with multiple network endpoints: ${endpoints.join(', ')}`,
    );
  }
  const dropStartInterval = older('1.44') && config.Healthcheck;
  return {
    ...config,
    ...(dropStartInterval && { Healthcheck: { ...dropStartInterval, StartInterval: 0 } }),
    NetworkingConfig: networking,
    HostConfig: asked && hostConfigFor(asked, older),
  };
}

type Older = (version: string) => boolean;

function checkMount(mount: MountRequest, older: Older): void {
  if (!older('1.42')) {
    for (const [kind, options] of Object.entries({
      volume: mount.VolumeOptions,
      bind: mount.BindOptions,
      tmpfs: mount.TmpfsOptions,
    })) {
      const noun = `${kind[0]?.toUpperCase()}${kind.slice(1)}Options`;
      if (options && mount.Type !== kind)
        throw new InvalidParameterError(`${noun} must not be specified on mount type "${mount.Type}"`);
    }
  }
  const newer: Array<[boolean, string, string]> = [
    [mount.BindOptions?.ReadOnlyForceRecursive === true, '1.44', 'BindOptions.ReadOnlyForceRecursive'],
    [Boolean(mount.VolumeOptions?.Subpath), '1.45', 'VolumeOptions.Subpath'],
    [mount.Type === 'image', '1.48', 'Mount type "Image"'],
  ];
  for (const [asked, version, what] of newer) {
    if (asked && older(version)) throw new InvalidParameterError(`${what} needs API v${version} or newer`);
  }
}

function hostConfigFor(config: HostConfig, older: Older): HostConfig {
  return {
    ...config,
    ...(older('1.25') && { AutoRemove: false }),
    ...(older('1.40') && { IpcMode: config.IpcMode || 'shareable' }),
    ...(older('1.41') && { CgroupnsMode: config.CgroupnsMode || 'host' }),
    ...(older('1.42') && { ConsoleSize: [0, 0] }),
    ...(older('1.43') && { Annotations: null }),
    Mounts: config.Mounts && config.Mounts.map((mount) => mountFor(mount, older)),
  };
}

function mountFor(mount: MountRequest, older: Older): MountRequest {
  const { BindOptions: bind } = mount;
  return {
    ...mount,
    ...(older('1.42') && mount.Type !== 'volume' && { VolumeOptions: null }),
    ...(older('1.42') && mount.Type !== 'tmpfs' && { TmpfsOptions: null }),
    ...(bind && {
      BindOptions: {
        ...bind,
        ...(older('1.40') && { NonRecursive: false }),
        ...(older('1.42') && { CreateMountpoint: false }),
      },
    }),
  };
}
