import { defaultHome } from '@berth/daemon/api';

export interface DesktopEnvironment {
  /** BERTH_HOME, else the default. */
  home: string;
}

/** What the environment says; nothing else reads process.env. */
export function readEnvironment(): DesktopEnvironment {
  return { home: process.env.BERTH_HOME || defaultHome() };
}
