import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { controlSocketIn, defaultHome } from '../api/home.ts';
import { platform } from '../platform/platform.ts';
import { longestSocketPath } from '../vm/socket-path.ts';
import { ConfigError } from './config-error.ts';
import { engineAddress } from './engine-address.ts';

/** Every file of a home. */
export interface Paths {
  home: string;
  settings: string;
  /** Docker's own daemon.json: the engine's configuration. */
  engineConfig: string;
  engineSocket: string;
  controlSocket: string;
  lock: string;
  daemonLog: string;
  instanceDir: string;
  /** Owners and modes of shared files that this host does not take. */
  attributesDir: string;
  dockerHost: string;
}

/** Where the home is: --home, BERTH_HOME, else the default. */
export interface HomeChoice {
  flag: string | undefined;
  berthHome: string | null;
}

export function pathsOf(choice: HomeChoice): Readonly<Paths> {
  const paths = uncheckedPathsOf(choice);
  const bytes = Buffer.byteLength(paths.controlSocket);
  if (bytes <= longestSocketPath) return paths;
  throw new ConfigError(
    `${paths.controlSocket} has ${bytes} bytes, and a socket's path may have ${longestSocketPath} on ${process.platform}: use a shorter --home`,
  );
}

/** The same for one that only looks: sockets may have longer paths than the system takes. */
export function uncheckedPathsOf(options: HomeChoice): Readonly<Paths> {
  const home = path.resolve(options.flag ?? options.berthHome ?? defaultHome());
  const engine = engineAddress(home, { platform: process.platform, defaultHome: defaultHome() });
  return Object.freeze({
    home,
    settings: path.join(home, 'settings.json'),
    engineConfig: path.join(home, 'daemon.json'),
    engineSocket: engine.socket,
    controlSocket: controlSocketIn(home),
    lock: path.join(home, 'daemon.lock'),
    daemonLog: path.join(home, 'daemon.log'),
    instanceDir: path.join(home, 'machine'),
    attributesDir: path.join(home, 'attributes'),
    dockerHost: engine.dockerHost,
  });
}

/** Makes the home, for its owner only. */
export async function makeHome({ home }: Paths): Promise<void> {
  try {
    const made = await mkdir(home, { recursive: true, mode: 0o700 });
    await platform.makePrivate(home, { isNew: made !== undefined });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`${home} cannot be made (${code ?? message}): use another --home`, { cause });
  }
}
