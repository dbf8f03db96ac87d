import type { BuildRequest } from './build-request.ts';

/** Where a build's files are. */
export interface SolveFiles {
  /** Unpacked context; null when BuildKit fetches it itself. */
  context: string | null;
  metadata: string;
}

/** The name that the image store keeps nameless images under; tags come once the image stands. */
const output = 'type=image,dangling-name-prefix=moby-dangling,unpack=true';

/** buildctl's arguments for a build. */
export function solveArguments(address: string, request: BuildRequest, files: SolveFiles): string[] {
  return [
    ...['--addr', address, 'build', '--progress', 'rawjson', '--frontend', 'dockerfile.v0'],
    ...contextArguments(request, files.context),
    ...['--output', output, '--metadata-file', files.metadata],
    ...frontendOptions(request).flatMap(([key, value]) => ['--opt', `${key}=${value}`]),
    ...request.cacheFrom.flatMap((ref) => ['--import-cache', csv([`type=registry`, `ref=${ref}`])]),
    ...(request.noCache ? ['--no-cache'] : []),
  ];
}

function contextArguments({ remote }: BuildRequest, folder: string | null): string[] {
  if (folder === null) return ['--opt', `context=${remote}`];
  return ['--local', `context=${folder}`, '--local', `dockerfile=${folder}`];
}

type Option = readonly [string, string];

/** Options of the Dockerfile frontend, as its documentation names them. */
function frontendOptions(request: BuildRequest): Option[] {
  const { shmBytes, ulimits, extraHosts } = request;
  const given = (key: string, value: string): Option[] => (value === '' ? [] : [[key, value]]);
  return [
    ['filename', request.dockerfile],
    // Like dockerd, which asks a registry only for what it does not have.
    ['image-resolve-mode', request.pull ? 'pull' : 'local'],
    ...given('target', request.target),
    ...given('platform', request.platform),
    ...given('force-network-mode', request.network === 'none' ? 'none' : ''),
    ...given('add-hosts', csv(extraHosts.map(hostEntry))),
    ...given('shm-size', shmBytes > 0 ? String(shmBytes) : ''),
    ...given('ulimit', csv(ulimits.map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`))),
    ...given('cgroup-parent', request.cgroupParent),
    ...Object.entries(request.buildArgs).map(([name, value]): Option => [`build-arg:${name}`, value]),
    ...Object.entries(request.labels).map(([name, value]): Option => [`label:${name}`, value]),
  ];
}

/** `name:address` (an IPv6 address has colons of its own) or `name=address`. */
function hostEntry(host: string): string {
  const at = host.search(/[:=]/);
  return at < 0 ? host : `${host.slice(0, at)}=${host.slice(at + 1).replace(/^\[(.*)\]$/, '$1')}`;
}

const csv = (fields: readonly string[]): string =>
  fields.map((field) => (/[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
