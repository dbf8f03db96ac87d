import { SystemError } from '../../api/errors.ts';
import { digestOf } from '../chain-id.ts';
import { mediaTypes, type OciDescriptor } from '../oci.ts';
import { isDigest } from '../reference.ts';
import type { Authorizer } from './authorizer.ts';
import { parseChallenge } from './challenge.ts';
import type { RegistryHost } from './hosts.ts';
import { readText, readUpTo } from './read-text.ts';
import { AccessDeniedError, connectionError, registryError } from './registry-errors.ts';
import type { RegistryRequest, RegistryResponse, RegistryTransport } from './transport.ts';

export interface RepositoryOptions {
  transport: RegistryTransport;
  authorizer: Authorizer;
  host: RegistryHost;
  /** Repository inside the registry, e.g. library/busybox. */
  repository: string;
  /** Registry that this host is a mirror of; absent: it is none. */
  namespace?: string;
  /** What will be asked of it. */
  actions: 'pull' | 'pull,push';
}

export const manifestTypes = [
  mediaTypes.dockerManifest,
  mediaTypes.dockerList,
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
];
const schema1Types = new Set([
  'application/vnd.docker.distribution.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
]);
const accept = [...manifestTypes, '*/*'].join(', ');
const maxManifestBytes = 8 * 1024 * 1024;

/** Docker's refusal of images in the format of before 2016 is worded by whoever knows the name. */
export class Schema1Error extends SystemError {}

/** One repository of one registry, over the OCI distribution API. */
export class Repository {
  readonly #options: RepositoryOptions;
  readonly scope: string;

  constructor(options: RepositoryOptions) {
    this.#options = options;
    this.scope = `repository:${options.repository}:${options.actions}`;
  }

  get host(): RegistryHost {
    return this.#options.host;
  }

  /** What a tag or a digest stands for. RegistryNotFoundError, AccessDeniedError, RegistryConnectionError. */
  async resolve(reference: string, signal?: AbortSignal): Promise<OciDescriptor> {
    const path = this.path(`manifests/${reference}`);
    const response = await this.send({ method: 'HEAD', path, headers: { Accept: accept }, signal });
    response.body.resume();
    const descriptor = descriptorOf(response, reference);
    if (response.status === 200 && descriptor) return descriptor;
    // Not every registry states the digest, and some do not know HEAD.
    if (response.status !== 200 && response.status !== 405) throw await this.failure(reference, 'HEAD', response);
    const { mediaType, bytes } = await this.#getManifest(reference, signal);
    return { mediaType, digest: digestOf(bytes), size: bytes.length };
  }

  /** A manifest's bytes, which are what the digest says. */
  async manifest({ digest }: OciDescriptor, signal?: AbortSignal): Promise<Buffer> {
    const { bytes } = await this.#getManifest(digest, signal);
    if (digestOf(bytes) !== digest) {
      throw new SystemError(`unexpected digest ${digestOf(bytes)} of manifest ${digest}`);
    }
    return bytes;
  }

  /** A blob from `offset` on, or from its beginning if the registry cannot do that. */
  async blob(
    descriptor: OciDescriptor,
    offset: number,
    signal?: AbortSignal,
  ): Promise<{ body: AsyncIterable<Buffer>; offset: number }> {
    const path = this.path(`blobs/${descriptor.digest}`);
    const headers: Record<string, string> = offset > 0 ? { Range: `bytes=${offset}-` } : {};
    const response = await this.send({ method: 'GET', path, headers, signal });
    if (response.status === 206) return { body: bodyOf(response), offset };
    if (response.status === 200) return { body: bodyOf(response), offset: 0 };
    throw await this.failure(descriptor.digest, 'GET', response);
  }

  /** Every tag, in the registry's order, all pages. */
  async tags(signal?: AbortSignal): Promise<string[]> {
    const tags: string[] = [];
    let path: string | URL | undefined = this.path('tags/list');
    while (path !== undefined) {
      const response = await this.send({ method: 'GET', path, signal });
      if (response.status !== 200) throw await this.failure(this.#options.repository, 'GET', response);
      const page = JSON.parse((await readUpTo(bodyOf(response), maxManifestBytes)).toString('utf8')) as {
        tags?: string[];
      };
      tags.push(...(page.tags ?? []));
      path = nextPage(response);
    }
    return tags;
  }

  path(rest: string): string {
    return `/v2/${this.#options.repository}/${rest}`;
  }

  /** Sends with what authorization is known; a challenge is met once. */
  async send(wanted: Omit<RegistryRequest, 'url'> & { path: string | URL }): Promise<RegistryResponse> {
    const { transport, host, authorizer, namespace } = this.#options;
    const attempt = async () => {
      const authorization = authorizer.headerFor(this.scope);
      const { path, ...rest } = wanted;
      const url = typeof path === 'string' ? transport.urlFor(host, path) : path;
      if (namespace !== undefined) url.searchParams.set('ns', namespace);
      const headers = { ...rest.headers, ...(authorization && { Authorization: authorization }) };
      // Behind a mirror there is somebody else to ask.
      return await transport.send(host, { ...rest, url, headers, ...(namespace !== undefined && { maxAttempts: 1 }) });
    };
    const first = await attempt();
    if (first.status !== 401) return first;
    const challenge = parseChallenge(first.headers['www-authenticate']);
    if (!challenge) return first;
    first.body.resume();
    await authorizer.meet(challenge, this.scope, wanted.signal);
    const second = await attempt();
    if (second.status !== 401 || challenge.scheme === 'basic') return second;
    second.body.resume();
    throw new AccessDeniedError('authorization failed');
  }

  /** The error for an answer that is no success; reads what the registry has to say. */
  async failure(what: string, method: string, { status, body, url }: RegistryResponse): Promise<Error> {
    const text = method === 'HEAD' ? '' : await readText(body);
    return registryError({ what, method, url, status, body: text });
  }

  async #getManifest(reference: string, signal?: AbortSignal) {
    const path = this.path(`manifests/${reference}`);
    const response = await this.send({ method: 'GET', path, headers: { Accept: accept }, signal });
    if (response.status !== 200) {
      throw await this.failure(reference, 'GET', response);
    }
    const mediaType = mediaTypeOf(response);
    if (schema1Types.has(mediaType)) throw new Schema1Error(reference);
    const bytes = await readUpTo(bodyOf(response), maxManifestBytes + 1);
    if (bytes.length > maxManifestBytes) {
      throw new SystemError(`manifest ${reference} is larger than ${maxManifestBytes} bytes`);
    }
    return { mediaType, bytes };
  }
}

/** An answer that breaks off is a connection that failed. */
async function* bodyOf({ body, url }: RegistryResponse): AsyncGenerator<Buffer, void, void> {
  try {
    yield* body as AsyncIterable<Buffer>;
  } catch (error) {
    throw connectionError({ method: 'GET', url }, error);
  }
}

const mediaTypeOf = ({ headers }: RegistryResponse): string =>
  (typeof headers['content-type'] === 'string' ? headers['content-type'] : '').split(';', 1)[0]?.trim() ?? '';

function descriptorOf(response: RegistryResponse, reference: string): OciDescriptor | undefined {
  const mediaType = mediaTypeOf(response);
  if (schema1Types.has(mediaType)) throw new Schema1Error(reference);
  const stated = response.headers['docker-content-digest'];
  const digest = isDigest(reference) ? reference : stated;
  const size = Number(response.headers['content-length']);
  if (typeof digest !== 'string' || !isDigest(digest) || !(size > 0) || !manifestTypes.includes(mediaType as never)) {
    return undefined;
  }
  return { mediaType, digest, size };
}

/** `Link: </v2/…>; rel="next"`, on the same registry only. */
function nextPage({ headers, url }: RegistryResponse): URL | undefined {
  const [, link] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(headers.link ?? '')) ?? [];
  if (link === undefined) return undefined;
  const next = new URL(link, url);
  return next.host === url.host ? next : undefined;
}
