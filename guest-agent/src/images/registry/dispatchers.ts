import { createHash } from 'node:crypto';
import type * as undici from 'undici';
import { readCertificates, secureContext, type CertificateFiles } from './certificates.ts';
import type { RegistryHost } from './hosts.ts';
import { Proxies, type ProxySettings } from './proxies.ts';

export interface DispatchersOptions {
  /** Folders like /etc/docker/certs.d, with one folder for each `host` or `host:port`. */
  certificateDirs?: readonly string[];
  /** PEM certificates of authorities for every registry, besides the machine's. */
  authorities?: readonly string[];
  proxies?: ProxySettings;
  /** Half a minute for a connection and a minute for the rest, if absent. */
  timeouts?: Partial<RegistryTimeouts>;
}

interface Way {
  certificates: CertificateFiles;
  /** Whether the peer's certificate has to be one that the machine or `certificates` vouch for. */
  isChecked: boolean;
  isTls: boolean;
  proxy: URL | null;
  /** What a proxy with TLS may be vouched for by. */
  proxyAuthorities: readonly string[];
}

/** How long a registry may be silent. */
export interface RegistryTimeouts {
  connectMs: number;
  headersMs: number;
  idleBodyMs: number;
}

const defaultTimeouts: RegistryTimeouts = { connectMs: 30_000, headersMs: 60_000, idleBodyMs: 60_000 };
const noProxies: ProxySettings = { httpProxy: '', httpsProxy: '', noProxy: '' };
const noCertificates: CertificateFiles = { authorities: [], client: null };

/** Pools of connections, one for each way to a registry: its certificates, checked or not, and the proxy. */
export class Dispatchers implements AsyncDisposable {
  readonly #certificateDirs: readonly string[];
  readonly #authorities: readonly string[];
  readonly #proxies: Proxies;
  readonly #timeouts: RegistryTimeouts;
  readonly #pools = new Map<string, undici.Dispatcher>();

  constructor({ certificateDirs = [], authorities = [], proxies = noProxies, timeouts }: DispatchersOptions) {
    this.#timeouts = { ...defaultTimeouts, ...timeouts };
    this.#authorities = authorities;
    this.#certificateDirs = certificateDirs;
    this.#proxies = new Proxies(proxies);
  }

  /** Certificates are read each time, so that new ones count at once. */
  async for(host: RegistryHost, url: URL): Promise<undici.Dispatcher> {
    const isTls = url.protocol === 'https:';
    const way: Way = {
      isTls,
      isChecked: !(host.insecure && url.host === host.host),
      certificates: isTls ? await this.#certificatesFor(host, url) : noCertificates,
      proxy: this.#proxies.for(url),
      proxyAuthorities: this.#authorities,
    };
    const key = createHash('sha256').update(JSON.stringify(way)).digest('hex');
    // A quarter of the agent's start, were it read there.
    const client = await import('undici');
    const pool = this.#pools.get(key) ?? open(client, way, this.#timeouts);
    this.#pools.set(key, pool);
    return pool;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
  }

  /** Our own certificate is shown only to the host in whose folder it lies. */
  async #certificatesFor({ host, trusts }: RegistryHost, url: URL): Promise<CertificateFiles> {
    const dirs = this.#certificateDirs;
    const { authorities, client } = await readCertificates(dirs, url.host);
    const others = [host, trusts].filter((name) => name !== undefined && name !== url.host) as string[];
    const theirs = await Promise.all(others.map((name) => readCertificates(dirs, name)));
    return {
      authorities: [...this.#authorities, ...authorities, ...theirs.flatMap((files) => files.authorities)],
      client,
    };
  }
}

function open(
  { Agent, ProxyAgent }: typeof undici,
  { certificates, isChecked, isTls, proxy, proxyAuthorities }: Way,
  timeouts: RegistryTimeouts,
): undici.Dispatcher {
  const limits = { headersTimeout: timeouts.headersMs, bodyTimeout: timeouts.idleBodyMs };
  const tls = isTls ? { secureContext: secureContext(certificates), rejectUnauthorized: isChecked } : {};
  const connect = { timeout: timeouts.connectMs, ...tls };
  if (!proxy) return new Agent({ ...limits, connect });
  const proxyTls =
    proxy.protocol === 'https:'
      ? { secureContext: secureContext({ authorities: [...proxyAuthorities], client: null }) }
      : {};
  return new ProxyAgent({
    ...{ uri: proxy.href, proxyTunnel: false, ...limits },
    requestTls: connect,
    proxyTls: { timeout: timeouts.connectMs, ...proxyTls },
  });
}
