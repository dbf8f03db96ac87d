import { request } from 'node:http';
import type { Duplex } from 'node:stream';

export interface HijackRequest {
  socketPath: string;
  path: string;
  body?: unknown;
}

/** Opens a hijacked stream as the docker CLI does: POST with `Upgrade: tcp`, bytes both ways after the 101. */
export function openHijacked({ socketPath, path, body }: HijackRequest): Promise<Duplex> {
  const payload = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'tcp',
    'Content-Length': String(Buffer.byteLength(payload)),
    ...(payload !== '' && { 'Content-Type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method: 'POST', path, headers });
    outgoing.on('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    outgoing.on('response', (response) => reject(new Error(`${path}: status ${response.statusCode}`)));
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

/** Reads until `isEnough` says so or the stream ends; answers all that came. */
export async function readUntil(stream: Duplex, isEnough: (text: string) => boolean): Promise<string> {
  let text = '';
  while (!isEnough(text)) {
    const chunk = (await nextChunk(stream)) as Buffer | null;
    if (chunk === null) break;
    text += chunk.toString('utf8');
  }
  return text;
}

function nextChunk(stream: Duplex): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      const chunk: unknown = stream.read();
      if (chunk === null && !stream.readableEnded && !stream.destroyed) return;
      stream.off('readable', settle).off('end', settle).off('close', settle).off('error', reject);
      resolve(chunk);
    };
    stream.on('readable', settle).on('end', settle).on('close', settle).on('error', reject);
    settle();
  });
}
