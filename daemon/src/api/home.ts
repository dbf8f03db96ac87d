import { homedir } from 'node:os';
import path from 'node:path';

/** Where the machine and its settings are, unless --home or BERTH_HOME say otherwise. */
export function defaultHome(): string {
  return path.join(homedir(), '.berth');
}

/** The control API's socket of a home. */
export function controlSocketIn(home: string): string {
  return path.join(home, 'control.sock');
}
