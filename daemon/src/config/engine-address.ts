import path from 'node:path';
import { pipeOf, pipes } from '../api/home.ts';

/** Where clients reach an engine: a unix socket, or a named pipe of Windows. */
export interface EngineAddress {
  socket: string;
  /** The same as DOCKER_HOST has it. */
  dockerHost: string;
}

/** Docker's own on Windows; whoever comes first has it. */
export const dockerPipe = `${pipes}/docker_engine`;

export function isPipe(address: string): boolean {
  return /^[\\/]{2}[.?][\\/]pipe[\\/]/.test(address);
}

/** Of pipes, the default home has the one that people know. */
export function engineAddress(home: string, host: { platform: string; defaultHome: string }): EngineAddress {
  if (host.platform !== 'win32') {
    const socket = path.join(home, 'docker.sock');
    return { socket, dockerHost: dockerHostOf(socket) };
  }
  const isDefault = home.toLowerCase() === host.defaultHome.toLowerCase();
  const socket = isDefault ? `${pipes}/berth_engine` : pipeOf('engine', home);
  return { socket, dockerHost: dockerHostOf(socket) };
}

/** What DOCKER_HOST has to be for a socket or a pipe. */
export function dockerHostOf(address: string): string {
  return isPipe(address) ? `npipe://${address}` : `unix://${address}`;
}
