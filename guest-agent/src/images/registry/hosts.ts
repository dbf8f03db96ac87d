import { BlockList, isIP } from 'node:net';

export interface RegistryHost {
  /** Host and port to talk to. */
  host: string;
  /** Certificates are not checked, and plain HTTP will do where there is no TLS. */
  insecure: boolean;
}

export interface RegistryHostsOptions {
  /** daemon.json's insecure-registries: `host`, `host:port` or CIDR blocks. */
  insecureRegistries: readonly string[];
}

const loopback = ['127.0.0.0/8', '::1/128'];

/** Where a reference's domain is served. */
export class RegistryHosts {
  readonly #names = new Set<string>();
  readonly #addresses = new BlockList();

  constructor({ insecureRegistries }: RegistryHostsOptions) {
    for (const entry of [...loopback, ...insecureRegistries]) {
      const [address = '', prefix] = entry.split('/');
      const family = isIP(address);
      if (prefix !== undefined && family) {
        this.#addresses.addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
      } else this.#names.add(entry);
    }
  }

  forDomain(domain: string): RegistryHost {
    if (domain === 'docker.io') return { host: 'registry-1.docker.io', insecure: false };
    return { host: domain, insecure: this.#isInsecure(domain) };
  }

  #isInsecure(domain: string): boolean {
    const name = domain.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    if (this.#names.has(domain) || this.#names.has(name) || name === 'localhost') return true;
    const family = isIP(name);
    return family !== 0 && this.#addresses.check(name, family === 6 ? 'ipv6' : 'ipv4');
  }
}
