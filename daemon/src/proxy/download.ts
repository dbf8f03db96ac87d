import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { splice } from '../streams/splice.ts';
import type { Dialler } from './agent-target.ts';
import { answerError } from './answer-error.ts';
import { endToEnd, has, pairs } from './headers.ts';

/** Answers that may be gigabytes: archives of containers and images. */
const large = /^(?:\/v[\d.]+)?\/(?:containers\/[^/?]+\/(?:archive|export)|images\/(?:get|[^?]+\/get))(?:\?|$)/;

export function isDownload({ method, url, rawHeaders }: IncomingMessage): boolean {
  const hasBody = has(rawHeaders, 'content-length') || has(rawHeaders, 'transfer-encoding');
  return method === 'GET' && !hasBody && large.test(url ?? '');
}

/** Connections whose answer is no longer HTTP's business; nothing else may be asked on them. */
const taken = new WeakSet<Duplex>();
export const isTaken = ({ socket }: IncomingMessage): boolean => taken.has(socket);

/**
 * Passes the agent's answer on byte for byte, as the connection's last: taking every chunk apart and framing it anew
 * costs more than the agent needs to make it.
 */
export function download(request: IncomingMessage, response: ServerResponse, { dial }: Dialler): void {
  const { socket: client } = request;
  let left = false;
  const leave = () => (left = true);
  client.once('close', leave);
  dial().then(
    (guest) => {
      client.off('close', leave);
      if (left) return void guest.destroy();
      taken.add(client);
      response.detachSocket(client);
      guest.on('error', () => guest.destroy());
      guest.once('end', () => guest.end());
      // Node's server ends a connection whose client has ended, so that its close may look like a clean one.
      client.once('close', () => guest.destroy());
      guest.write(headOf(request));
      void splice(guest, client);
    },
    (error: Error) => {
      if (!left) answerError(response, { status: 503, message: `the guest agent cannot be reached: ${error.message}` });
    },
  );
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const headers = pairs([...endToEnd(rawHeaders), 'Connection', 'close']);
  return `${method} ${url} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}
