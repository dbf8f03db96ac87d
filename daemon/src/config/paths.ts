import { chmod, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { ConfigError } from './config-error.ts';

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

/** sun_path has 108 bytes on Linux and 104 on macOS, with the closing zero. */
const longestSocketPath = 103;

export function defaultHome(): string {
  return path.join(homedir(), '.berth');
}

export function pathsOf(options: { flag: string | undefined; berthHome: string | null }): Readonly<Paths> {
  const home = path.resolve(options.flag ?? options.berthHome ?? defaultHome());
  const paths = {
    home,
    settings: path.join(home, 'settings.json'),
    engineConfig: path.join(home, 'daemon.json'),
    engineSocket: path.join(home, 'docker.sock'),
    controlSocket: path.join(home, 'control.sock'),
    lock: path.join(home, 'daemon.lock'),
    daemonLog: path.join(home, 'daemon.log'),
    instanceDir: path.join(home, 'machine'),
    attributesDir: path.join(home, 'attributes'),
    dockerHost: `unix://${path.join(home, 'docker.sock')}`,
  };
  const bytes = Buffer.byteLength(paths.controlSocket);
  if (bytes > longestSocketPath) {
    throw new ConfigError(
      `${paths.controlSocket} has ${bytes} bytes, and a socket's path may have ${longestSocketPath}: use a shorter --home`,
    );
  }
  return Object.freeze(paths);
}

/** Makes the home, for its owner only. */
export async function makeHome({ home }: Paths): Promise<void> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await chmod(home, 0o700);
  } catch (cause) {
    throw new ConfigError(`${home} cannot be made (${(cause as NodeJS.ErrnoException).code}): use another --home`, {
      cause,
    });
  }
}
