import { InsecureRegistries, type LookUp } from './insecure-registries.ts';
import { readMirrors } from './mirrors.ts';

export interface RegistryHost {
  /** Host and port to talk to. */
  host: string;
  /** Certificates are not checked, and plain HTTP will do where there is no TLS. */
  insecure: boolean;
  /** Absent: https, or what an insecure host turns out to speak. */
  scheme?: 'http' | 'https';
  /** Where the host has its `/v2/`, without a slash at the end; absent: at its root. */
  root?: string;
  /** Whose certificate authorities count for this host, too. */
  trusts?: string;
}

export interface RegistryHostsOptions {
  /** daemon.json's insecure-registries: `host`, `host:port` or CIDR blocks. */
  insecureRegistries: readonly string[];
  /** daemon.json's registry-mirrors: where Docker Hub's images are looked for first. */
  mirrors?: readonly string[];
  lookUp?: LookUp;
}

/** Where a reference's domain is served. */
export class RegistryHosts {
  readonly #insecure: InsecureRegistries;
  readonly #mirrors: readonly URL[];

  constructor({ insecureRegistries, mirrors = [], lookUp }: RegistryHostsOptions) {
    this.#insecure = new InsecureRegistries(insecureRegistries, lookUp);
    this.#mirrors = readMirrors(mirrors).map((mirror) => new URL(mirror));
  }

  async forDomain(domain: string): Promise<RegistryHost> {
    if (domain === 'docker.io') return { host: 'registry-1.docker.io', insecure: false };
    return { host: domain, insecure: await this.#insecure.has(domain) };
  }

  /** In the order in which they are to be asked; none for what is not Docker Hub. */
  async mirrorsOf(domain: string): Promise<RegistryHost[]> {
    if (domain !== 'docker.io') return [];
    return await Promise.all(this.#mirrors.map((mirror) => this.#mirrorHost(mirror)));
  }

  async #mirrorHost({ host, protocol, pathname }: URL): Promise<RegistryHost> {
    const scheme = protocol === 'http:' ? 'http' : 'https';
    const root = pathname.replace(/\/+$/, '').replace(/\/v2$/, '');
    return { host, scheme, root, insecure: await this.#insecure.has(host) };
  }
}
