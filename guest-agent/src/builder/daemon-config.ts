import { stringify } from 'smol-toml';
import type { ProxySettings } from '../images/registry/proxies.ts';
import type { BuilderSettings, GcSettings, Space } from './builder-settings.ts';

/** What of the engine's settings matters to builds. */
export interface BuildSettings {
  builder: BuilderSettings;
  insecureRegistries: readonly string[];
  registryMirrors: readonly string[];
  proxies: ProxySettings;
  dns: readonly string[];
  dnsOptions: readonly string[];
  dnsSearch: readonly string[];
}

/** What of the machine matters to builds. */
export interface BuildHost {
  /** Folders with certificates, by the registry that they are for. */
  certificates: ReadonlyMap<string, readonly string[]>;
  /** Address by which containers reach the host. */
  hostGateways: readonly string[];
  /** CNI: the configuration of the network that steps are in, and the folder with the plugins for it. */
  network: { config: string; programs: string };
}

/** buildx reads from it what `host-gateway` means. */
const gatewayLabel = 'org.mobyproject.buildkit.worker.moby.host-gateway-ip';

/** buildkitd.toml (BuildKit's docs/buildkitd.toml.md). */
export function daemonConfig(settings: BuildSettings, host: BuildHost): string {
  const { builder, dns, dnsOptions, dnsSearch } = settings;
  const { history } = builder;
  const { network } = host;
  const labels = { [gatewayLabel]: host.hostGateways.join(',') };
  const net = { networkMode: 'cni', cniConfigPath: network.config, cniBinaryPath: network.programs };
  return stringify({
    'insecure-entitlements': builder.entitlements,
    dns: { nameservers: [...dns], options: [...dnsOptions], searchDomains: [...dnsSearch] },
    ...(history && { history: { maxAge: history.maxAgeSeconds, maxEntries: history.maxEntries } }),
    registry: registries(settings, host),
    worker: { containerd: { labels, ...net, ...collection(builder.gc) } },
  });
}

function collection(gc: GcSettings | null): object {
  if (gc === null) return { gc: false };
  const policies = gc.policies?.map(({ all, filters, keepSeconds, ...limits }) => ({
    ...{ all, filters, keepDuration: keepSeconds },
    ...space(limits),
  }));
  return { gc: true, ...space(gc), ...(policies && { gcpolicy: policies }) };
}

/** Only what is given: 0 would mean none. */
function space({ reservedBytes, maxUsedBytes, minFreeBytes }: Space): object {
  const all = { reservedSpace: reservedBytes, maxUsedSpace: maxUsedBytes, minFreeSpace: minFreeBytes };
  return Object.fromEntries(Object.entries(all).filter(([, bytes]) => bytes > 0));
}

interface Registry {
  mirrors?: string[];
  http?: boolean;
  insecure?: boolean;
  tlsconfigdir?: readonly string[];
}

function registries({ insecureRegistries, registryMirrors }: BuildSettings, { certificates }: BuildHost) {
  const all: Record<string, Registry> = {};
  const set = (host: string, registry: Registry) => (all[host] = { ...all[host], ...registry });
  for (const [host, folders] of certificates) set(host, { http: false, tlsconfigdir: folders });
  for (const entry of insecureRegistries) {
    const host = entry.replace(/^https?:\/\//i, '');
    // BuildKit knows hosts only; loopback addresses it treats as Docker does by itself.
    if (!host.includes('/')) set(host, { http: true, insecure: true });
  }
  const mirrors = registryMirrors.map((mirror) => new URL(mirror));
  for (const { protocol, host } of mirrors) if (protocol === 'http:') set(host, { http: true });
  const places = mirrors.map(({ host, pathname }) => `${host}${pathname.replace(/\/$/, '')}`);
  if (places.length > 0) set('docker.io', { mirrors: places });
  return all;
}

/** Of buildkitd, which fetches what a build is based on. */
export function daemonEnvironment({ proxies }: Pick<BuildSettings, 'proxies'>): Record<string, string> {
  const { httpProxy, httpsProxy, noProxy } = proxies;
  const all = { HTTP_PROXY: httpProxy, HTTPS_PROXY: httpsProxy, NO_PROXY: noProxy };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}
