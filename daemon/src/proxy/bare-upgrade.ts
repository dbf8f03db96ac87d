import type { IncomingMessage, ServerResponse } from 'node:http';
import { has } from './headers.ts';
import { takeSocket } from './take-socket.ts';
import type { UpgradeRequest } from './upgrade.ts';

/** Asks for another protocol without `Connection: Upgrade`, which Go's servers do not insist on and Node's does. */
export const isBareUpgrade = ({ rawHeaders }: IncomingMessage): boolean => has(rawHeaders, 'upgrade');

/** Takes the connection of such a request from Node's server. */
export function takeConnection(request: IncomingMessage, response: ServerResponse): UpgradeRequest {
  const { socket: client } = request;
  response.detachSocket(client);
  takeSocket(client);
  return { request, client, head: Buffer.alloc(0) };
}
