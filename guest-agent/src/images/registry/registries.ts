import type { NamedReference } from '../reference.ts';
import { Authorizer } from './authorizer.ts';
import { Repository, type RepositoryOptions } from './client.ts';
import type { RegistryCredentials } from './credentials.ts';
import { RegistryHosts, type RegistryHost, type RegistryHostsOptions } from './hosts.ts';
import { RegistryTransport } from './transport.ts';

export interface RegistriesOptions extends RegistryHostsOptions {
  userAgent: string;
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
  open(
    reference: NamedReference,
    options: { credentials: RegistryCredentials | undefined; actions: RepositoryOptions['actions'] },
  ): Repository {
    const host = this.hostOf(reference.domain);
    const mine = options.credentials && isFor(options.credentials, host) ? options.credentials : undefined;
    const authorizer = this.authorizer(mine);
    return new Repository({
      transport: this.transport,
      authorizer,
      host,
      repository: reference.path,
      actions: options.actions,
    });
  }

  hostOf(domain: string): RegistryHost {
    return this.#hosts.forDomain(domain);
  }

  authorizer(credentials: RegistryCredentials | undefined): Authorizer {
    return new Authorizer({ transport: this.transport, credentials, clientId });
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
