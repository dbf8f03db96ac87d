import type { Readable } from 'node:stream';
import { InvalidParameterError, NotFoundError, SystemError } from '../api/errors.ts';
import { progressMessage, plainMessage, type ProgressMessage } from './progress.ts';
import { readText } from './registry/read-text.ts';
import { reasonOf } from './registry/registry-errors.ts';
import type { RegistryTransport } from './registry/transport.ts';

/** Opens what `docker import URL` names and says how far its reading is. */
export async function openImportSource(
  transport: RegistryTransport,
  source: string,
  { write, signal }: { write: (message: ProgressMessage) => void; signal: AbortSignal },
): Promise<AsyncIterable<Buffer>> {
  const url = parseUrl(source.includes('://') ? source : `http://${source}`);
  const host = { host: url.host, insecure: false };
  const response = await transport.send(host, { method: 'GET', url, signal }).catch((error: unknown) => {
    if (!(error instanceof SystemError)) throw error;
    throw new SystemError(`Get ${JSON.stringify(url.href)}: ${reasonOf(url, error.cause)}`, { cause: error });
  });
  if (response.status >= 400) throw await statusError(url, response);
  write(plainMessage(`Downloading from ${source.includes('://') ? source : url.href}`));
  return withProgress(response.body, Number(response.headers['content-length'] ?? 0), write);
}

function parseUrl(text: string): URL {
  if (text === 'http://') throw new SystemError('Get "http:": http: no Host in request URL');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new InvalidParameterError(`parse ${JSON.stringify(text)}: invalid URL`);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new SystemError(
    `Get ${JSON.stringify(text)}: unsupported protocol scheme ${JSON.stringify(url.protocol.slice(0, -1))}`,
  );
}

async function statusError(url: URL, { status, body }: { status: number; body: Readable }) {
  const text = `failed to GET ${url.href} with status ${status}: ${(await readText(body)).trim()}`;
  return status === 404 ? new NotFoundError(text) : new SystemError(text);
}

const everyBytes = 512 * 1024;

async function* withProgress(body: Readable, total: number, write: (message: ProgressMessage) => void) {
  let current = 0;
  let shown = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    current += chunk.length;
    if (current - shown >= everyBytes) {
      shown = current;
      write(importing(current, total));
    }
    yield chunk;
  }
  write(importing(current, total));
}

function importing(current: number, total: number): ProgressMessage {
  const { id: _, ...message } = progressMessage('', 'Importing', { current, total });
  return message;
}
