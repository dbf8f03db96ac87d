import type { CacheOptionsEntry, DeepPartial, Exporter, SolveRequest } from '../gen/buildkit/control.ts';
import type { BuildRequest } from './build-request.ts';

/** Where the files come from: an address that BuildKit fetches, or a session; '': the one of the build. */
export type Context = { address: string } | { session: string };

export interface SolveOptions {
  /** Names this solve while it runs. */
  reference: string;
  /** The session that knows the logins of registries. */
  session: string;
  context: Context;
  /** Of the steps; '': BuildKit's own. */
  hostname: string;
}

/** BuildKit's exporter into the image store. */
export const imageExporter = 'image';

/** The name that the image store keeps nameless images under; tags come once the image stands. */
const store = { Type: imageExporter, Attrs: { 'dangling-name-prefix': 'moby-dangling', unpack: 'true' } };

/** What BuildKit is asked for a build. */
export function solveRequest(request: BuildRequest, options: SolveOptions): DeepPartial<SolveRequest> {
  return {
    Ref: options.reference,
    Session: options.session,
    Frontend: 'dockerfile.v0',
    FrontendAttrs: Object.fromEntries([...ownOptions(options), ...frontendOptions(request)]),
    Entitlements: request.network === 'host' ? ['network.host'] : [],
    Cache: { Imports: request.cacheFrom.map(registryCache) },
    Exporters: exporters(request.output),
  };
}

function contextOptions(context: Context): Option[] {
  if ('address' in context) return [['context', context.address]];
  const names = context.session === '' ? [] : ['context', 'dockerfile'];
  return names.map((name) => [`local-sessionid:${name}`, context.session]);
}

const ownOptions = ({ context, hostname }: SolveOptions): Option[] => [
  ...contextOptions(context),
  ...(hostname === '' ? [] : [['hostname', hostname] as const]),
];

function exporters(output: BuildRequest['output']): Exporter[] {
  if (output === null || output.type === 'moby' || output.type === imageExporter) {
    return [{ ...store, Attrs: { ...output?.attributes, ...store.Attrs } }];
  }
  return output.type === 'cacheonly' ? [] : [{ Type: output.type, Attrs: { ...output.attributes } }];
}

const registryCache = (ref: string): CacheOptionsEntry => ({ Type: 'registry', Attrs: { ref } });

type Option = readonly [string, string];

/** Networks that BuildKit itself knows. */
const forcedNetworks: ReadonlySet<string> = new Set(['host', 'none']);

/** Steps come into any other network by their name. */
export const isOfName = ({ network }: BuildRequest): boolean => network !== 'default' && !forcedNetworks.has(network);

/** Options of the Dockerfile frontend, as its documentation names them. */
function frontendOptions(request: BuildRequest): Option[] {
  const { shmBytes, ulimits, extraHosts, limits } = request;
  const given = (key: string, value: string): Option[] => (value === '' ? [] : [[key, value]]);
  return [
    ['filename', request.dockerfile],
    // Like dockerd, which asks a registry only for what it does not have.
    ['image-resolve-mode', request.pull ? 'pull' : 'local'],
    ...given('target', request.target),
    ...given('platform', request.platform),
    ...given('force-network-mode', forcedNetworks.has(request.network) ? request.network : ''),
    ...given('add-hosts', csv(extraHosts.map(hostEntry))),
    ...given('shm-size', shmBytes > 0 ? String(shmBytes) : ''),
    ...given('ulimit', csv(ulimits.map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`))),
    ...given('cgroup-parent', request.cgroupParent),
    ...(request.noCache ? [['no-cache', ''] as const] : []),
    ...Object.entries(limits).flatMap(([name, limit]) => given(name, limit)),
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
