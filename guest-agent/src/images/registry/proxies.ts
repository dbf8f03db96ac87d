import { BlockList, isIP } from 'node:net';
import { InvalidParameterError } from '../../api/errors.ts';
import { formatSubnet, readSubnet } from '../../networks/cidr.ts';

/** daemon.json's `proxies`; '' is none. */
export interface ProxySettings {
  httpProxy: string;
  httpsProxy: string;
  /** Hosts, `.domains`, addresses and CIDR blocks that are spoken to directly; `*` is all. */
  noProxy: string;
}

const known = ['http-proxy', 'https-proxy', 'no-proxy'];
const schemes = ['http:', 'https:'];

/** Throws InvalidParameterError for unknown keys and for what is no proxy. */
export function readProxies(given: Readonly<Record<string, string>>): ProxySettings {
  const stranger = Object.keys(given).find((key) => !known.includes(key));
  if (stranger !== undefined) throw new InvalidParameterError(`proxies: unknown key ${JSON.stringify(stranger)}`);
  const settings = {
    httpProxy: given['http-proxy'] ?? '',
    httpsProxy: given['https-proxy'] ?? '',
    noProxy: given['no-proxy'] ?? '',
  };
  for (const key of ['http-proxy', 'https-proxy'] as const) {
    if (given[key] && !proxyUrl(given[key])) {
      throw new InvalidParameterError(`proxies: ${key}: invalid proxy address ${JSON.stringify(shown(given[key]))}`);
    }
  }
  return settings;
}

/** Which proxy a URL is to be fetched through, as Go's programs choose it: loopback never goes through one. */
export class Proxies {
  readonly #settings: ProxySettings;
  readonly #direct: Array<(host: string, port: string) => boolean>;

  constructor(settings: ProxySettings) {
    this.#settings = settings;
    this.#direct = settings.noProxy
      .split(',')
      .map((entry) => entry.trim().toLowerCase())
      .filter(Boolean)
      .map(matcher);
  }

  /** null: directly. */
  for(url: URL): URL | null {
    const proxy = url.protocol === 'https:' ? this.#settings.httpsProxy : this.#settings.httpProxy;
    if (!proxy) return null;
    const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    if (host === 'localhost' || isLoopback(host) || this.#direct.some((matches) => matches(host, port))) return null;
    return proxyUrl(proxy);
  }
}

/** A proxy's address for other eyes: without its user and password. */
export function shown(proxy: string): string {
  return proxy.replace(/^([a-z0-9+.-]+:\/\/)?[^/@]*(?::[^/@]*)?@/i, '$1xxxxx:xxxxx@');
}

function proxyUrl(text: string): URL | null {
  const full = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : null;
  return url && schemes.includes(url.protocol) && url.hostname ? url : null;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const kind = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
const isLoopback = (host: string): boolean => isIP(host) !== 0 && loopback.check(host, kind(host));

function matcher(entry: string): (host: string, port: string) => boolean {
  if (entry === '*') return () => true;
  const subnet = readSubnet(entry);
  if (subnet) return inSubnet(formatSubnet(subnet));
  const [, name = entry, wantedPort] = isIP(entry) ? [] : (/^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(entry) ?? []);
  const suffix = name.replace(/^\*/, '');
  const matches = (host: string) => host === name || host.endsWith(suffix.startsWith('.') ? suffix : `.${suffix}`);
  return (host, port) => (wantedPort === undefined || wantedPort === port) && matches(host);
}

function inSubnet(cidr: string): (host: string) => boolean {
  const [address = '', prefix] = cidr.split('/');
  const block = new BlockList();
  block.addSubnet(address, Number(prefix), kind(address));
  return (host) => isIP(host) !== 0 && block.check(host, kind(host));
}
