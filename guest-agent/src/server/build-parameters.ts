import type { FastifyRequest } from 'fastify';
import { describeSyntaxError } from '../api/engine/json-syntax.ts';
import { InvalidParameterError, SystemError } from '../api/errors.ts';
import { clientSession, limitNames, type BuildRequest } from '../builder/build-request.ts';
import { parsePlatform } from '../images/platform.ts';
import { parseNamed, withDefaultTag, type NamedReference } from '../images/reference.ts';
import type { RegistryCredentials } from '../images/registry/credentials.ts';
import { olderThan } from './api-version.ts';
import { flag, integer, text, texts } from './query.ts';

/** The parameters of POST /build; what this engine cannot do is refused. */
export function buildParameters(request: FastifyRequest): BuildRequest {
  refuseImpossible(request);
  const buildArgs = json<Record<string, string | null>>(request, 'buildargs', 'error reading build args') ?? {};
  const version = text(request, 'version') === '2' ? 2 : 1;
  return {
    version,
    // The classic builder had neither.
    session: version === 2 ? text(request, 'session') : '',
    output: version === 2 ? output(request) : null,
    tags: texts(request, 't').filter(Boolean).map(tagReference),
    dockerfile: text(request, 'dockerfile') || 'Dockerfile',
    remote: remoteContext(request),
    quiet: flag(request, 'q'),
    noCache: flag(request, 'nocache'),
    pull: flag(request, 'pull'),
    target: text(request, 'target'),
    buildArgs: onlySet(buildArgs),
    labels: json<Record<string, string>>(request, 'labels', 'error reading labels') ?? {},
    platform: platform(request),
    network: network(text(request, 'networkmode'), version),
    extraHosts: texts(request, 'extrahosts').filter(Boolean),
    shmBytes: integer(request, 'shmsize', 0),
    ulimits: json<BuildRequest['ulimits']>(request, 'ulimits', 'error reading ulimit settings') ?? [],
    cgroupParent: text(request, 'cgroupparent'),
    limits: limits(request),
    cacheFrom: json<string[]>(request, 'cachefrom', 'error reading cache-from') ?? [],
    buildId: text(request, 'buildid'),
    credentials: registryConfig(request),
  };
}

function refuseImpossible(request: FastifyRequest): void {
  if (texts(request, 'securityopt').length > 0) {
    throw new InvalidParameterError('security options are not supported on linux');
  }
  const isolation = text(request, 'isolation').toLowerCase();
  if (!['', 'default', 'process', 'hyperv'].includes(isolation)) {
    throw new InvalidParameterError(`unsupported isolation: ${JSON.stringify(text(request, 'isolation'))}`);
  }
  const version = text(request, 'version');
  if (!['', '1', '2'].includes(version)) throw new InvalidParameterError(`invalid version ${JSON.stringify(version)}`);
  if (flag(request, 'squash')) throw new InvalidParameterError('squash is only supported with experimental mode');
}

function output(request: FastifyRequest): BuildRequest['output'] {
  if (olderThan(request, '1.40')) return null;
  type Given = { Type: string; Attrs?: Record<string, string> | null };
  const given = json<Given[]>(request, 'outputs', 'invalid outputs specified') ?? [];
  const [first, ...others] = given;
  if (others.length > 0) throw new SystemError('multiple outputs not supported');
  return first === undefined ? null : { type: first.Type, attributes: first.Attrs ?? {} };
}

/** Numbers that are none count as 0, as with Docker. */
function limits(request: FastifyRequest): BuildRequest['limits'] {
  const given = limitNames.map((name) => {
    const value = text(request, name);
    const isNumber = /^[+-]?\d+$/.test(value) && Number(value) !== 0;
    return [name, isNumber || name.startsWith('cpuset') ? value : ''] as const;
  });
  return Object.fromEntries(given) as BuildRequest['limits'];
}

/** dockerd answers 500 for a name that cannot be one. */
function tagReference(tag: string): NamedReference {
  try {
    const reference = withDefaultTag(parseNamed(tag));
    if (reference.digest === undefined) return reference;
  } catch (error) {
    throw new SystemError((error as Error).message, { cause: error });
  }
  throw new SystemError('build tag cannot contain a digest');
}

function remoteContext(request: FastifyRequest): string {
  const remote = text(request, 'remote');
  if (remote === clientSession) {
    if (text(request, 'version') === '2' && text(request, 'session') !== '') return remote;
    throw new InvalidParameterError(
      'experimental session with v1 builder is no longer supported, use builder version v2 (BuildKit) instead',
    );
  }
  const isAddress = /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/.test(remote);
  if (remote === '' || isAddress) return remote;
  throw new SystemError(`remoteURL (${remote}) could not be recognized as URL`);
}

/** null is an argument that the client was to take from its environment, and found none there. */
const onlySet = (given: Record<string, string | null>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== null));

function platform(request: FastifyRequest): string {
  const named = olderThan(request, '1.32') ? '' : text(request, 'platform');
  if (named === '') return '';
  if (named.split('/').length > 3) {
    throw new InvalidParameterError(`${JSON.stringify(named)}: cannot parse platform specifier: invalid argument`);
  }
  const { os, architecture, variant } = parsePlatform(named);
  return [os, architecture, variant].filter(Boolean).join('/');
}

function network(mode: string, version: BuildRequest['version']): string {
  if (mode === '') return 'default';
  if (version === 1) return mode === 'bridge' ? 'default' : mode;
  if (['default', 'host', 'none'].includes(mode)) return mode;
  throw new SystemError(`network mode ${JSON.stringify(mode)} not supported by buildkit`);
}

function json<T>(request: FastifyRequest, name: string, problem: string): T | null {
  const given = text(request, name);
  if (given === '') return null;
  try {
    return JSON.parse(given) as T;
  } catch (error) {
    throw new InvalidParameterError(`${problem}: ${describeSyntaxError(given)}`, { cause: error });
  }
}

/** What cannot be read counts as none, as with Docker. */
function registryConfig(request: FastifyRequest): Record<string, RegistryCredentials> {
  const header = request.headers['x-registry-config'];
  try {
    const decoded = Buffer.from(String(header ?? ''), 'base64url').toString('utf8');
    return (JSON.parse(decoded) as Record<string, RegistryCredentials> | null) ?? {};
  } catch {
    return {};
  }
}
