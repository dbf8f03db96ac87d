import type { FastifyRequest } from 'fastify';
import { networkingConfig } from '../../api/engine/endpoint.ts';
import { hostConfig, type HostConfig, type MountRequest } from '../../api/engine/host-config.ts';
import type { CreateRequest } from '../../api/engine/requests.ts';
import { InvalidParameterError } from '../../api/index.ts';
import type { ContainerRequest } from '../../containers/create.ts';
import { olderThan } from '../api-version.ts';
import { migrateRequest, type OlderThan } from './migrate-request.ts';
import { validateDecoded } from './validate-decoded.ts';

/** The body of POST /containers/create in today's terms, and what the client is told about it. */
export interface AskedContainer {
  body: ContainerRequest;
  warnings: string[];
  /** Read-only mounts that do not say otherwise leave what is mounted below them as it is. */
  readOnlyNonRecursive: boolean;
}

/** What dockerd does with the body before it looks at the machine: decode, drop what is too new, move what is too old. */
export function createFor(request: FastifyRequest, body: CreateRequest): AskedContainer {
  const older = (version: string) => olderThan(request, version);
  if (isEmptyConfig(body)) throw new InvalidParameterError('config cannot be empty in order to create a container');
  if (body.HostConfig) validateDecoded(body, body.HostConfig);
  const known = knownFields(body, older);
  const complete = {
    ...known,
    HostConfig: known.HostConfig ?? hostConfig.zero(),
    NetworkingConfig: known.NetworkingConfig ?? networkingConfig.zero(),
  };
  const { request: migrated, warnings } = migrateRequest(complete, older);
  return { body: migrated, warnings, readOnlyNonRecursive: older('1.44') };
}

/** Go decodes a body without any field of Config to no Config at all. */
function isEmptyConfig({ HostConfig: _host, NetworkingConfig: _networking, ...config }: CreateRequest): boolean {
  return Object.values(config).every((value) => value === null || value === '' || value === false || value === 0);
}

/**
 * Fields that the client's version did not have are dropped, or refused where dropping them would be dangerous, and
 * defaults that changed are the old ones.
 */
function knownFields(body: CreateRequest, older: OlderThan): CreateRequest {
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

function checkMount(mount: MountRequest, older: OlderThan): void {
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

function hostConfigFor(config: HostConfig, older: OlderThan): HostConfig {
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

function mountFor(mount: MountRequest, older: OlderThan): MountRequest {
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
