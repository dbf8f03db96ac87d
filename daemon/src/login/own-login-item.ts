import { homedir } from 'node:os';
import type { Environment } from '../config/env.ts';
import { loginItemFor, type LoginItem } from './login-item.ts';

/** Of the program that runs now, for this home. null: on this platform nothing is known to start programs at login. */
export function ownLoginItem(
  { configHome, appData, searchPath }: Pick<Environment, 'configHome' | 'appData' | 'searchPath'>,
  home: string,
): LoginItem | null {
  return loginItemFor({
    ...{ platform: process.platform, homedir: homedir(), configHome, appData, searchPath },
    program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    home,
  });
}
