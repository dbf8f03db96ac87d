import type { NamedReference } from '../reference.ts';
import { Authorizer } from './authorizer.ts';
import { Repository, type RepositoryOptions } from './client.ts';
import type { RegistryCredentials } from './credentials.ts';
import { MirroredSource, type PullSource } from './mirrored-source.ts';
import { RegistryHosts, type RegistryHost, type RegistryHostsOptions } from './hosts.ts';
import { RegistryTransport, type RegistryTransportOptions } from './transport.ts';

export interface RegistriesOptions extends RegistryHostsOptions, RegistryTransportOptions {}

interface OpenOptions {
  credentials?: RegistryCredentials | undefined;
}

const clientId = 'berth';
const hubNames = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** Opens repositories of registries; owns the connections. */
export class Registries implements AsyncDisposable {
  readonly transport: RegistryTransport;
  readonly #hosts: RegistryHosts;

  constructor(options: RegistriesOptions) {
    this.transport = new RegistryTransport(options);
    this.#hosts = new RegistryHosts(options);
  }

  /** Credentials are used only if they are for the registry of this reference. */
  async open(
    reference: NamedReference,
    { credentials, actions }: OpenOptions & { actions: RepositoryOptions['actions'] },
  ): Promise<Repository> {
    const host = await this.hostOf(reference.domain);
    const mine = credentials && isFor(credentials, host) ? credentials : undefined;
    return this.#repository(reference, host, { credentials: mine, actions });
  }

  /** To pull from: the registry's mirrors are asked before it. They get credentials only if these name them. */
  async openSource(reference: NamedReference, { credentials }: OpenOptions): Promise<PullSource> {
    const origin = await this.open(reference, { credentials, actions: 'pull' });
    const hosts = await this.#hosts.mirrorsOf(reference.domain);
    if (hosts.length === 0) return origin;
    const mirrors = hosts.map((host) => {
      const mine = hostnameOf(credentials?.serveraddress ?? '') === host.host ? credentials : undefined;
      return this.#repository(reference, host, { credentials: mine, actions: 'pull', namespace: reference.domain });
    });
    return new MirroredSource(mirrors, origin);
  }

  async hostOf(domain: string): Promise<RegistryHost> {
    return await this.#hosts.forDomain(domain);
  }

  /** `registry` is whose challenges are to be met. */
  authorizer(credentials: RegistryCredentials | undefined, registry: RegistryHost): Authorizer {
    const hostOf = (domain: string) => this.hostOf(domain);
    return new Authorizer({ transport: this.transport, credentials, clientId, registry, hostOf });
  }

  #repository(
    { path }: NamedReference,
    host: RegistryHost,
    { credentials, ...more }: OpenOptions & Pick<RepositoryOptions, 'actions' | 'namespace'>,
  ): Repository {
    const authorizer = this.authorizer(credentials, host);
    return new Repository({ transport: this.transport, authorizer, host, repository: path, ...more });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.transport[Symbol.asyncDispose]();
  }
}

/** Host part of what people log in to: a name or an URL; '' stays ''. */
export function hostnameOf(serverAddress: string): string {
  return serverAddress.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';
}

function isFor({ serveraddress = '' }: RegistryCredentials, { host }: RegistryHost): boolean {
  const name = hostnameOf(serveraddress);
  return name === '' || name === host || (hubNames.has(name) && hubNames.has(host));
}
