import { createHash } from 'node:crypto';
import path from 'node:path';

/** Where clients reach an engine: a unix socket, or a named pipe of Windows. */
export interface EngineAddress {
  socket: string;
  /** The same as DOCKER_HOST has it. */
  dockerHost: string;
}

const pipes = '//./pipe';

/** Docker's own on Windows; whoever comes first has it. */
export const dockerPipe = `${pipes}/docker_engine`;

export function isPipe(address: string): boolean {
  return /^[\\/]{2}[.?][\\/]pipe[\\/]/.test(address);
}

/** Pipes have no folders: every home but the default one has a name with a number of its own. */
export function engineAddress(home: string, host: { platform: string; defaultHome: string }): EngineAddress {
  if (host.platform !== 'win32') {
    const socket = path.join(home, 'docker.sock');
    return { socket, dockerHost: `unix://${socket}` };
  }
  const number = home === host.defaultHome ? '' : `_${createHash('sha256').update(home).digest('hex').slice(0, 8)}`;
  const socket = `${pipes}/berth_engine${number}`;
  return { socket, dockerHost: `npipe://${socket}` };
}
