import { homedir } from 'node:os';
import path from 'node:path';
import { defaultHome } from '../api/home.ts';
import { dockerPipe } from './engine-address.ts';
import type { Paths } from './paths.ts';
import type { SettingsFile } from './settings-file.ts';

/** Where the stock CLI looks when nothing is chosen. */
export const systemSocket = '/var/run/docker.sock';

/** Where the stock CLI and others look when nothing is chosen. */
export const defaultEngine: string = process.platform === 'win32' ? dockerPipe : systemSocket;

/**
 * Sockets besides the home's at which clients look for an engine, as the settings have it: the user's, which Docker
 * Desktop serves and Testcontainers tries, unless it is opted out of (another home than the default has to ask for it),
 * and the system's where that is asked for. On Windows both are docker's own pipe.
 */
export function dockerPlaces({ home }: Pick<Paths, 'home'>, settings: SettingsFile): string[] {
  const { userSocket: wantsUser } = dockerIntegration({ home }, settings);
  if (process.platform === 'win32') return wantsUser || settings.systemSocket === true ? [dockerPipe] : [];
  return [
    ...(wantsUser ? [path.join(homedir(), '.docker/run/docker.sock')] : []),
    ...(settings.systemSocket === true ? [systemSocket] : []),
  ];
}

/** Which of docker's own places lead here: by default the user's, and those of the default home only. */
export function dockerIntegration({ home }: Pick<Paths, 'home'>, settings: SettingsFile) {
  const { userSocket, systemSocket = false, context } = settings;
  const isDefault = home === defaultHome();
  return { userSocket: userSocket ?? isDefault, systemSocket, context: context ?? isDefault };
}
