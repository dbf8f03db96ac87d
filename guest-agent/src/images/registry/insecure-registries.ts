import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { InvalidParameterError } from '../../api/errors.ts';
import { formatSubnet, readSubnet } from '../../networks/cidr.ts';

/** Addresses of a host name; none when it cannot be looked up. */
export type LookUp = (name: string) => Promise<string[]>;

const loopback = ['::1/128', '127.0.0.0/8'];
const hostName = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d+)?$/;
const bracketed = /^\[[0-9a-fA-F:.]+\](?::\d+)?$/;

/** daemon.json's insecure-registries: `host`, `host:port` and CIDR blocks; loopback addresses always count. */
export class InsecureRegistries {
  readonly names: readonly string[];
  /** Without host bits, in the order given, each once. */
  readonly cidrs: readonly string[];
  readonly #addresses = new BlockList();
  readonly #lookUp: LookUp;

  /** Throws InvalidParameterError in Docker's words. */
  constructor(entries: readonly string[], lookUp: LookUp = lookUpAll) {
    this.#lookUp = lookUp;
    const names: string[] = [];
    const cidrs: string[] = [];
    for (const entry of [...entries, ...loopback]) {
      const name = withoutScheme(entry);
      const subnet = readSubnet(name);
      if (subnet) cidrs.push(formatSubnet(subnet));
      else names.push(checked(name));
    }
    this.names = [...new Set(names)];
    this.cidrs = [...new Set(cidrs)];
    for (const cidr of this.cidrs) {
      const [address = '', prefix] = cidr.split('/');
      this.#addresses.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
    }
  }

  /** Whether a registry (`host` or `host:port`) is one of them; a name is also judged by its addresses. */
  async has(registry: string): Promise<boolean> {
    if (registry === 'docker.io') return false;
    if (this.names.includes(registry)) return true;
    const host = registry.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    if (host === 'localhost') return true;
    const addresses = isIP(host) ? [host] : await this.#lookUp(host);
    return addresses.some((address) => this.#addresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'));
  }
}

function withoutScheme(entry: string): string {
  if (entry.startsWith('-') || entry.endsWith('-')) {
    throw new InvalidParameterError(`invalid index name (${entry}). Cannot begin or end with a hyphen`);
  }
  const name = entry.replace(/^https?:\/\//i, '');
  if (!name.includes('://')) return name;
  throw new InvalidParameterError(`insecure registry ${entry} should not contain '://'`);
}

function checked(name: string): string {
  const refuse = (why: string) => new InvalidParameterError(`insecure registry ${name} is not valid: ${why}`);
  const port = /:(\d+)$/.exec(name)?.[1];
  if (isIP(name)) return name;
  if (!hostName.test(name) && !bracketed.test(name)) {
    throw refuse(`invalid host ${JSON.stringify(port === undefined ? name : name.slice(0, -port.length - 1))}`);
  }
  if (Number(port ?? 0) > 65535) throw refuse(`invalid port ${JSON.stringify(port)}`);
  return name;
}

async function lookUpAll(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}
