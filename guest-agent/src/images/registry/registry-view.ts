import { InsecureRegistries } from './insecure-registries.ts';
import { readMirrors } from './mirrors.ts';
import { shown, type ProxySettings } from './proxies.ts';

const index = (Name: string, more: { Mirrors?: string[]; Secure: boolean; Official: boolean }) => ({
  Name,
  Mirrors: [],
  ...more,
});

/** RegistryConfig of GET /info. */
export function registryView(settings: { insecureRegistries: readonly string[]; mirrors: readonly string[] }): object {
  const { names, cidrs } = new InsecureRegistries(settings.insecureRegistries);
  const mirrors = readMirrors(settings.mirrors);
  const insecure = names.map((name) => [name, index(name, { Secure: false, Official: false })] as const);
  const hub = ['docker.io', index('docker.io', { Mirrors: mirrors, Secure: true, Official: true })] as const;
  const byName = [...insecure, hub].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    IndexConfigs: Object.fromEntries(byName),
    InsecureRegistryCIDRs: cidrs,
    Mirrors: mirrors.length > 0 ? mirrors : null,
  };
}

/** The proxies of GET /info. */
export const proxyView = ({ httpProxy, httpsProxy, noProxy }: ProxySettings): object => ({
  HttpProxy: shown(httpProxy),
  HttpsProxy: shown(httpsProxy),
  NoProxy: noProxy,
});
