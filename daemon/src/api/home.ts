import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';

/** Where the machine and its settings are, unless --home or BERTH_HOME say otherwise. */
export function defaultHome(): string {
  return path.join(homedir(), '.berth');
}

/** The control API's socket of a home; on Windows, a pipe. */
export function controlSocketIn(home: string, platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32' ? pipeOf('control', home) : path.join(home, 'control.sock');
}

/** Where all pipes of Windows are. */
export const pipes = '//./pipe';

/** Pipes have no folders: the name has a number of the file or folder that it is for. */
export function pipeOf(purpose: string, file: string): string {
  return `${pipes}/berth_${purpose}_${numberOf(file)}`;
}

/** Windows takes letters of either case for the same. */
function numberOf(file: string): string {
  return createHash('sha256').update(file.toLowerCase()).digest('hex').slice(0, 8);
}
