import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry that takes uploads as the OCI distribution specification says, and can be made to fail in the middle. */
export interface UploadRegistry extends AsyncDisposable {
  host: string;
  /** Method, status, and `from-to` of what was sent, in the order of the answers. */
  log: string[];
  blobs: Map<string, Buffer>;
  /** Ends a request after so many of its bytes, which are kept; Infinity: never. Asked for each request with a body. */
  breakAfter: (length: number) => number;
  /** Most bytes a request may have; beyond it is answered with 413. */
  largestBody: number;
  /** Whether an upload that broke off is still known. */
  remembers: boolean;
}

export async function startUploadRegistry(): Promise<UploadRegistry> {
  const uploads = new Map<string, Buffer>();
  const registry = {
    log: [] as string[],
    blobs: new Map<string, Buffer>(),
    breakAfter: (() => Infinity) as UploadRegistry['breakAfter'],
    largestBody: Infinity,
    remembers: true,
  };
  const server = createServer((request, response) => void serve({ request, response, uploads, registry }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(registry, {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  uploads: Map<string, Buffer>;
  registry: Omit<UploadRegistry, 'host' | typeof Symbol.asyncDispose>;
}

async function serve(exchange: Exchange): Promise<void> {
  const { request, response, uploads, registry } = exchange;
  const url = new URL(request.url ?? '', 'http://registry');
  const answer = (status: number, headers: Record<string, string> = {}, note = '') => {
    if (request.method !== 'HEAD') registry.log.push(`${request.method} ${status}${note}`);
    response.writeHead(status, headers).end();
  };
  const [, id] = /\/uploads\/(\d+)$/.exec(url.pathname) ?? [];
  if (url.pathname.includes('/manifests/')) return answer(request.resume().method === 'PUT' ? 201 : 404);
  if (request.method === 'HEAD') return answer(404);
  if (request.method === 'POST') {
    uploads.set(String(uploads.size), Buffer.alloc(0));
    return answer(202, { Location: `/v2/x/blobs/uploads/${uploads.size - 1}` });
  }
  const held = uploads.get(id ?? '');
  if (!held) return answer(404);
  if (request.method === 'GET')
    return answer(204, { Location: url.pathname, Range: `0-${Math.max(0, held.length - 1)}` });
  await take(exchange, { id: id ?? '', held, digest: url.searchParams.get('digest'), answer });
}

interface Upload {
  id: string;
  held: Buffer;
  digest: string | null;
  answer: (status: number, headers?: Record<string, string>, note?: string) => void;
}

/** The body of a PATCH or a PUT. */
async function take({ request, uploads, registry }: Exchange, { id, held, digest, answer }: Upload): Promise<void> {
  const length = Number(request.headers['content-length']);
  const start = /^(\d+)-/.exec(request.headers['content-range'] ?? '')?.[1];
  if (length > registry.largestBody) return answer(413);
  if (start !== undefined && Number(start) !== held.length) return answer(416);
  const limit = length === 0 ? Infinity : registry.breakAfter(length);
  const chunks = [held];
  let got = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    got += (chunk as Buffer).length;
    if (got < limit) continue;
    registry.log.push(`${request.method} broken`);
    if (registry.remembers) uploads.set(id, Buffer.concat(chunks).subarray(0, held.length + limit));
    else uploads.delete(id);
    return void request.destroy();
  }
  const body = Buffer.concat(chunks);
  uploads.set(id, body);
  const note = ` ${held.length}-${body.length}`;
  if (digest === null) return answer(202, { Location: request.url ?? '', Range: `0-${body.length - 1}` }, note);
  const actual = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  if (actual !== digest) return answer(400, {}, note);
  registry.blobs.set(digest, body);
  answer(201, {}, note);
}
