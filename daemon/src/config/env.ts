import { readProxyVariables, type ProxyEnvironment } from './proxies.ts';

/** What the environment says; nothing else reads process.env. Empty variables count as unset. */
export interface Environment {
  /** BERTH_HOME: the home, unless --home is given. */
  berthHome: string | null;
  /** BERTH_IMAGE_DIR: the VM image's folder, instead of the one beside the program. */
  imageDir: string | null;
  /** BERTH_AGENT: the guest agent's program for the linux driver (run by Node), instead of the one beside the program. */
  agentFile: string | null;
  /** DOCKER_CONFIG: the stock CLI's folder, instead of ~/.docker. */
  dockerConfig: string | null;
  /** DOCKER_HOST and DOCKER_CONTEXT: what the stock CLI follows before the context that was chosen. */
  dockerHost: string | null;
  dockerContext: string | null;
  /** XDG_CONFIG_HOME (Linux) and APPDATA (Windows): where a user's programs keep their settings. */
  configHome: string | null;
  appData: string | null;
  /** SHELL: what shells of Unix call themselves. */
  shell: string | null;
  /** PATH. */
  searchPath: string | null;
  /** BERTH_LOG_LEVEL: the daemon's log level (pino's names), 'info' by default. */
  logLevel: string;
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY (or in small letters), for the engine's registries. */
  proxies: ProxyEnvironment;
}

export function readEnvironment(): Readonly<Environment> {
  return Object.freeze({
    berthHome: process.env.BERTH_HOME || null,
    imageDir: process.env.BERTH_IMAGE_DIR || null,
    agentFile: process.env.BERTH_AGENT || null,
    dockerConfig: process.env.DOCKER_CONFIG || null,
    dockerHost: process.env.DOCKER_HOST || null,
    dockerContext: process.env.DOCKER_CONTEXT || null,
    configHome: process.env.XDG_CONFIG_HOME || null,
    appData: process.env.APPDATA || null,
    shell: process.env.SHELL || null,
    searchPath: process.env.PATH || null,
    logLevel: process.env.BERTH_LOG_LEVEL || 'info',
    proxies: readProxyVariables(process.env),
  });
}
