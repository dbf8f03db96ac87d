import type { DistributionInspect } from '../api/engine/distribution.ts';
import { NotFoundError, SystemError, UnauthorizedError } from '../api/errors.ts';
import { descriptorJson, platformJson } from './descriptor-view.ts';
import { platformOfConfig } from './manifests.ts';
import { isIndex, mediaTypes, type ImageConfig, type OciIndex, type OciManifest } from './oci.ts';
import { withDefaultTag, type NamedReference } from './reference.ts';
import type { PullSource } from './registry/mirrored-source.ts';
import type { RegistryHost } from './registry/hosts.ts';
import type { RegistryCredentials } from './registry/credentials.ts';
import { readUpTo } from './registry/read-text.ts';
import type { Registries } from './registry/registries.ts';
import {
  AccessDeniedError,
  NoCredentialsError,
  pingUrl,
  reasonOf,
  RegistryConnectionError,
  RegistryNotFoundError,
  UnexpectedStatusError,
} from './registry/registry-errors.ts';

const maxConfigBytes = 8 * 1024 * 1024;

/** GET /distribution/{name}/json: what a registry has under a name, without fetching it. */
export async function inspectDistribution(
  registries: Registries,
  reference: NamedReference,
  { credentials, signal }: { credentials: RegistryCredentials | undefined; signal: AbortSignal },
): Promise<DistributionInspect> {
  const source = await registries.openSource(reference, { credentials });
  const { tag, digest } = withDefaultTag(reference);
  try {
    const descriptor = await source.resolve(digest ?? tag ?? '', signal);
    const manifest: unknown = JSON.parse((await source.manifest(descriptor, signal)).toString('utf8'));
    const platforms = await platformsOf(source, { mediaType: descriptor.mediaType, manifest, signal });
    return { Descriptor: descriptorJson(descriptor), Platforms: platforms };
  } catch (error) {
    signal.throwIfAborted();
    const host = await registries.hostOf(reference.domain);
    const url = registries.transport.urlFor(host, `/v2/${reference.path}/manifests/${digest ?? tag}`);
    throw explain(error, { host, url });
  }
}

/** Docker tells the platform of an index and of its own manifests, not of OCI's. */
async function platformsOf(
  source: PullSource,
  { mediaType, manifest, signal }: { mediaType: string; manifest: unknown; signal: AbortSignal },
) {
  if (isIndex(mediaType)) {
    return ((manifest as OciIndex).manifests ?? []).flatMap(({ platform }) =>
      platform ? [platformJson(platform)] : [],
    );
  }
  if (mediaType !== mediaTypes.dockerManifest) return null;
  const { body } = await source.blob((manifest as OciManifest).config, 0, signal);
  const config = JSON.parse((await readUpTo(body, maxConfigBytes)).toString('utf8')) as ImageConfig;
  return [platformJson(platformOfConfig(config))];
}

function explain(error: unknown, { host, url }: { host: RegistryHost; url: URL }): unknown {
  if (error instanceof RegistryNotFoundError) {
    return new NotFoundError('manifest unknown: manifest unknown', { cause: error });
  }
  if (error instanceof NoCredentialsError) {
    return new SystemError(`Head ${JSON.stringify(url.href)}: ${error.message}`, { cause: error });
  }
  if (error instanceof AccessDeniedError || (error instanceof UnexpectedStatusError && error.status === 401)) {
    return new UnauthorizedError('unauthorized: authentication required', { cause: error });
  }
  if (error instanceof RegistryConnectionError) {
    const reason = reasonOf(url, error.cause);
    return new SystemError(`Get ${JSON.stringify(pingUrl(host).href)}: ${reason}`, { cause: error });
  }
  return error;
}
