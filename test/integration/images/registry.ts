import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestImage } from './oci-image.ts';

/** How a registry misbehaves, for one request at a time. Answering true means: it has been dealt with. */
export type Interference = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface TestRegistry extends AsyncDisposable {
  /** host:port */
  host: string;
  /** `GET /v2/…` as they came in. */
  requests: string[];
  interfere: Interference;
  put(repository: string, tag: string, image: TestImage): void;
  blobs: Map<string, Buffer>;
  closeConnections(): void;
}

/** A registry in this process, for what a real one does not do: break off, lie, count. Without `tls` over plain HTTP. */
export async function startTestRegistry(tls?: ServerOptions): Promise<TestRegistry> {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, { mediaType: string; digest: string }>();
  const registry = { requests: [] as string[], interfere: (() => false) as Interference };
  const handle: RequestListener = (request, response) => {
    const url = decodeURIComponent(request.url ?? '').replace(/\?ns=.*$/, '');
    registry.requests.push(`${request.method} ${url}`);
    if (registry.interfere(request, response)) return;
    const [, repository, kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url) ?? [];
    const manifest = manifests.get(`${repository}:${reference}`) ?? manifests.get(reference);
    const digest = kind === 'manifests' ? manifest?.digest : reference;
    const bytes = digest === undefined ? undefined : blobs.get(digest);
    if (!bytes) return void response.writeHead(404).end();
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      'Content-Type': manifest?.mediaType ?? 'application/octet-stream',
      'Content-Length': bytes.length - start,
      'Docker-Content-Digest': digest,
    });
    response.end(request.method === 'HEAD' ? undefined : bytes.subarray(start));
  };
  const server = (tls ? createTlsServer(tls, handle) : createServer(handle)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(registry, {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    blobs,
    closeConnections: () => server.closeAllConnections(),
    put(repository: string, tag: string, { blobs: more, descriptor }: TestImage) {
      for (const [digest, bytes] of more) blobs.set(digest, bytes);
      manifests.set(`${repository}:${tag}`, descriptor);
      for (const [digest, bytes] of more) {
        const { mediaType } =
          bytes.length < 10_000 && bytes[0] === 0x7b ? (JSON.parse(bytes.toString()) as { mediaType?: string }) : {};
        if (mediaType) manifests.set(digest, { mediaType, digest });
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

export interface RealRegistry extends AsyncDisposable {
  host: string;
}

const programs = ['/usr/bin/docker-registry', '/usr/local/bin/docker-registry', process.env['DOCKER_REGISTRY'] ?? ''];

/** Debian's docker-registry, where it is installed (or DOCKER_REGISTRY names it). */
export const registryProgram: string | undefined = programs.find((program) => program !== '' && existsSync(program));

export async function startRealRegistry(login?: { user: string; password: string }): Promise<RealRegistry> {
  const dir = await mkdtemp(path.join(tmpdir(), 'berth-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  await mkdir(path.join(dir, 'data'));
  const config = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: path.join(dir, 'data') } },
    http: { addr: host },
    ...(login && { auth: { htpasswd: { realm: 'test', path: path.join(dir, 'htpasswd') } } }),
  };
  if (login) await writeFile(path.join(dir, 'htpasswd'), `${login.user}:${bcrypt(login.password)}\n`);
  await writeFile(path.join(dir, 'config.yml'), JSON.stringify(config));
  const child = spawn(registryProgram ?? '', ['serve', path.join(dir, 'config.yml')], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await answers(`http://${host}/v2/`);
  return {
    host,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The registry takes no other hash; perl's crypt() is there on every Debian. */
function bcrypt(password: string): string {
  const salt = createHash('sha256').update('salt').digest('hex').slice(0, 22);
  return execFileSync('perl', ['-e', 'print crypt($ARGV[0], "\\$2b\\$05\\$$ARGV[1]")', password, salt], {
    encoding: 'utf8',
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(url: string): Promise<void> {
  const deadlineMs = Date.now() + 10_000;
  for (;;) {
    const response = await fetch(url).catch((error: unknown) => error as Error);
    if (!(response instanceof Error)) return;
    if (Date.now() > deadlineMs) throw response;
    await sleep(50);
  }
}
