import { ConfigError } from './config-error.ts';

/** daemon.json's `proxies` as the environment has them. */
export type ProxyEnvironment = Readonly<Record<string, string>>;

/** Its keys, and the variables that stand for them; of each the first that is set counts. */
const variables = {
  'http-proxy': ['HTTP_PROXY', 'http_proxy'],
  'https-proxy': ['HTTPS_PROXY', 'https_proxy'],
  'no-proxy': ['NO_PROXY', 'no_proxy'],
} as const;

export function readProxyVariables(environment: Readonly<Record<string, string | undefined>>): ProxyEnvironment {
  const found: Record<string, string> = {};
  for (const [key, names] of Object.entries(variables)) {
    const value = names.map((name) => environment[name]).find((text) => text);
    if (value) found[key] = value;
  }
  return found;
}

/** daemon.json with the environment's proxies where it names none itself, as dockerd has it. */
export function withProxies(
  engineConfig: Readonly<Record<string, unknown>>,
  fromEnvironment: ProxyEnvironment,
): Readonly<Record<string, unknown>> {
  const own = (engineConfig['proxies'] ?? {}) as Record<string, string>;
  const added = Object.entries(fromEnvironment).filter(([key]) => !own[key]);
  for (const [key, value] of added) check(key, value);
  if (added.length === 0) return engineConfig;
  return { ...engineConfig, proxies: { ...own, ...Object.fromEntries(added) } };
}

/** The engine would say the same, but about a daemon.json that does not hold it. */
function check(key: string, value: string): void {
  if (key === 'no-proxy') return;
  const url = value.includes('://') ? value : `http://${value}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return;
  const [name] = variables[key as keyof typeof variables];
  throw new ConfigError(`${name} in the environment: expected an http or https proxy (or "proxies" in daemon.json)`);
}
